#ifndef MIMOBOX_BASE_THREAD_H_
#define MIMOBOX_BASE_THREAD_H_

#include <pthread.h>

#include <cstddef>
#include <expected>
#include <functional>
#include <utility>

namespace mimobox::base {

/// A thread of ours in a host's process: a stack of the wanted size, and no signal but those that a
/// fault of its own raises, so that the host's handlers keep running where the host expects them.
/// Joined when the handle goes, unless detached.
class Thread {
 public:
  /// Starts `body`, which must not throw. `stack_bytes` is what the body can use, beside what the C
  /// library takes of a stack; 0: the host's default. The error is an errno.
  [[nodiscard]] static std::expected<Thread, int> start(std::function<void()> body,
                                                        std::size_t stack_bytes = 0);
  Thread() = default;
  Thread(Thread&& other) noexcept
      : thread_(other.thread_), running_(std::exchange(other.running_, false)) {}
  Thread& operator=(Thread&& other) noexcept {
    if (this != &other) {
      join();
      thread_ = other.thread_;
      running_ = std::exchange(other.running_, false);
    }
    return *this;
  }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { join(); }

  void join() noexcept;
  void detach() noexcept;

 private:
  pthread_t thread_{};
  bool running_ = false;
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_THREAD_H_
