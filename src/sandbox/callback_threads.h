#ifndef MIMOBOX_SANDBOX_CALLBACK_THREADS_H_
#define MIMOBOX_SANDBOX_CALLBACK_THREADS_H_

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

namespace mimobox::internal {

/// The threads that are inside a callback of a run of one runtime. Such a thread holds a place
/// among all runs: if it waited for another one, for a run of another sandbox, it might wait for
/// itself.
class CallbackThreads {
 public:
  void enter() {
    const std::lock_guard lock(mutex_);
    threads_.insert(std::this_thread::get_id());
    ++count_;
  }
  void leave() noexcept {
    const std::lock_guard lock(mutex_);
    threads_.erase(threads_.find(std::this_thread::get_id()));
    --count_;
  }
  /// Whether the calling thread is one. Takes no lock while there is none.
  [[nodiscard]] bool has_this_thread() {
    if (count_.load() == 0) return false;
    const std::lock_guard lock(mutex_);
    return threads_.contains(std::this_thread::get_id());
  }

 private:
  std::mutex mutex_;
  std::multiset<std::thread::id> threads_;
  std::atomic<int> count_{0};
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_CALLBACK_THREADS_H_
