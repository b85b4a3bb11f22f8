#ifndef MIMOBOX_SANDBOX_RUNS_IN_FLIGHT_H_
#define MIMOBOX_SANDBOX_RUNS_IN_FLIGHT_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "mimobox/error.h"

#include "base/intrusive_list.h"
#include "base/thread_shard.h"
#include "sandbox/cancellation.h"

namespace mimobox::internal {

/// One run as its sandbox sees it.
class RunEntry : public base::ListNode {
 public:
  Cancellation cancel;

 private:
  friend class RunsInFlight;
  friend class CallbackScope;
  std::size_t shard_ = 0;
  std::atomic<std::thread::id> callback_thread_{};
};

/// The runs of one sandbox that have begun and not ended, so that they can be cancelled and
/// awaited, and those of them that are in a callback of the embedder, so that it cannot wait for
/// itself. They stand in shards, of which a thread uses one.
class RunsInFlight {
 public:
  /// Registers a run (borrowed until `leave()`), or says why not: `kDestroyed`; `kReentrant` on a
  /// thread that is in a callback of one of these runs.
  [[nodiscard]] std::optional<ErrorCode> enter(RunEntry& run) noexcept;
  /// Behind it this object may be gone.
  void leave(RunEntry& run) noexcept;
  /// Why a run was not let in, in words.
  [[nodiscard]] static SandboxError refusal(ErrorCode why);

  /// Lets nobody in any more, cancels who is in, and waits until they have left. Errors:
  /// `kDestroyed` when it was called before, `kReentrant` from inside a callback, and then nothing
  /// has happened.
  [[nodiscard]] Result<void> close();
  /// The same for a destructor, which cannot be refused. From inside a callback it does not wait:
  /// `owner`, of which this object is a part, then lives until the last run has left.
  void close_for_good(std::shared_ptr<void> owner) noexcept;

 private:
  friend class CallbackScope;

  struct alignas(64) Shard {
    std::mutex mutex;
    base::IntrusiveList<RunEntry> runs;
  };

  [[nodiscard]] bool in_callback();
  /// Whether this is the first time.
  bool cancel_all();
  void wait_until_left();
  [[nodiscard]] bool all_left();

  std::array<Shard, base::kThreadShards> shards_;
  std::atomic<int> callbacks_{0};  ///< so that runs without callbacks look at no other run
  /// Set before each shard is looked at, under its lock, for who is in.
  std::atomic<bool> closed_{false};
  std::mutex mutex_;  ///< of `left_` and `owner_`; taken before a shard's
  std::condition_variable left_;
  std::shared_ptr<void> owner_;  ///< to be let go of by the last run
};

/// Registers a run for a scope, if it is let in. At the scope's end whoever waits for the run may
/// destroy `runs`.
class RunScope {
 public:
  RunScope(RunsInFlight& runs, RunEntry& run) : runs_(runs), run_(run), refused_(runs.enter(run)) {}
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;
  ~RunScope() {
    if (!refused_) runs_.leave(run_);
  }

  /// Why it was not let in, if it was not.
  [[nodiscard]] std::optional<ErrorCode> refused() const { return refused_; }

 private:
  RunsInFlight& runs_;
  RunEntry& run_;
  const std::optional<ErrorCode> refused_;
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
