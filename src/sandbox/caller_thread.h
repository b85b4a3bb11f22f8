#ifndef MIMOBOX_SANDBOX_CALLER_THREAD_H_
#define MIMOBOX_SANDBOX_CALLER_THREAD_H_

#include <condition_variable>
#include <functional>
#include <mutex>

namespace mimobox::internal {

/// The thread that called `execute()`, while the guest runs on one of ours: it waits here and does
/// what is handed back to it, since an embedder's callbacks are called on the thread that it called
/// from.
class CallerThread {
 public:
  /// Serves until `finish()`. To be called by the caller's thread.
  void serve();
  /// Has `work`, which must not throw, done by the serving thread and waits for its end.
  void run(const std::function<void()>& work);
  /// Ends `serve()`; nothing is handed over any more.
  void finish();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;
  bool finished_ = false;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_CALLER_THREAD_H_
