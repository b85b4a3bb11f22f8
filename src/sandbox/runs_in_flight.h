#ifndef MIMOBOX_SANDBOX_RUNS_IN_FLIGHT_H_
#define MIMOBOX_SANDBOX_RUNS_IN_FLIGHT_H_

#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>

#include "mimobox/error.h"

namespace mimobox::internal {

/// The runs of one sandbox that have begun and not ended, so that they can be cancelled and awaited.
class RunsInFlight {
 public:
  /// Registers a run whose cancellation is `cancel` (borrowed until `leave()`). Error: `kDestroyed`.
  [[nodiscard]] Result<void> enter(std::stop_source& cancel);
  void leave(std::stop_source& cancel) noexcept;

  /// Lets nobody in any more, cancels who is in, and waits until they have left. False when it was
  /// called before.
  bool close();

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  std::set<std::stop_source*> runs_;
  bool closed_ = false;
};

/// Keeps a run registered for a scope.
class RunScope {
 public:
  RunScope(RunsInFlight& runs, std::stop_source& cancel) : runs_(runs), cancel_(cancel) {}
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;
  ~RunScope() { runs_.leave(cancel_); }

 private:
  RunsInFlight& runs_;
  std::stop_source& cancel_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_RUNS_IN_FLIGHT_H_
