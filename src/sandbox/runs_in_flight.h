#ifndef MIMOBOX_SANDBOX_RUNS_IN_FLIGHT_H_
#define MIMOBOX_SANDBOX_RUNS_IN_FLIGHT_H_

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

#include "mimobox/error.h"

namespace mimobox::internal {

/// One run as its sandbox sees it.
class RunEntry {
 public:
  std::stop_source cancel;

 private:
  friend class RunsInFlight;
  friend class CallbackScope;
  std::atomic<std::thread::id> callback_thread_{};
};

/// The runs of one sandbox that have begun and not ended, so that they can be cancelled and
/// awaited, and those of them that are in a callback of the embedder, so that it cannot wait for
/// itself.
class RunsInFlight {
 public:
  /// Registers a run (borrowed until `leave()`). Errors: `kDestroyed`; `kReentrant` on a thread
  /// that is in a callback of one of these runs.
  [[nodiscard]] Result<void> enter(RunEntry& run);
  void leave(RunEntry& run) noexcept;

  /// Lets nobody in any more, cancels who is in, and waits until they have left. Errors:
  /// `kDestroyed` when it was called before, `kReentrant` from inside a callback, and then nothing
  /// has happened.
  [[nodiscard]] Result<void> close();
  /// The same for a destructor, which cannot be refused: from inside a callback it does not wait.
  void close_for_good() noexcept;

 private:
  friend class CallbackScope;
  [[nodiscard]] bool in_callback() const;
  void cancel_all();

  std::mutex mutex_;
  std::condition_variable left_;
  std::set<RunEntry*> runs_;
  std::atomic<int> callbacks_{0};  ///< so that runs without callbacks look at no other run
  bool closed_ = false;
};

/// Keeps a run registered for a scope.
class RunScope {
 public:
  RunScope(RunsInFlight& runs, RunEntry& run) : runs_(runs), run_(run) {}
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;
  ~RunScope() { runs_.leave(run_); }

 private:
  RunsInFlight& runs_;
  RunEntry& run_;
};

/// Marks the calling thread as inside a callback of a run.
class CallbackScope {
 public:
  CallbackScope(RunsInFlight& runs, RunEntry& run) : runs_(runs), run_(run) {
    ++runs_.callbacks_;
    run_.callback_thread_ = std::this_thread::get_id();
  }
  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;
  ~CallbackScope() {
    run_.callback_thread_ = std::thread::id();
    --runs_.callbacks_;
  }

 private:
  RunsInFlight& runs_;
  RunEntry& run_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_RUNS_IN_FLIGHT_H_
