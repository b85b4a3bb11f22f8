#ifndef MIMOBOX_ENGINE_INTERRUPTER_H_
#define MIMOBOX_ENGINE_INTERRUPTER_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "mimobox/error.h"

#include "base/blocking.h"
#include "base/stop_signal.h"
#include "base/thread_clock.h"
#include "engine/activation.h"
#include "engine/watchdog.h"

namespace mimobox::engine {

class Engine;

/// Why a run is stopped from outside; the values of `base::StopSignal::reason()`.
enum class StopReason : std::uint32_t {
  kTimeLimit = 1,
  kCancelled = 2,
  kCallbackFailed = 3,
  kOutputLimit = 4,
  kCpuTimeLimit = 5,
};

/// When a run is stopped by itself.
struct RunDeadlines {
  std::optional<Deadline> wall = std::nullopt;  ///< nullopt: never
  /// What the clock of the run's thread (`InterruptibleRun::cpu_clock`) shows then; nullopt: never.
  std::optional<std::chrono::nanoseconds> cpu = std::nullopt;
};

/// One run in flight as an interrupter sees it. Made on the thread that will run the guest, armed
/// there, and gone before that thread leaves the run.
class InterruptibleRun final : public base::BlockingNotice, public Watched {
 public:
  InterruptibleRun(Engine& engine, int interrupt_signal);

  /// What the WASI host and the engine's limiter look at.
  [[nodiscard]] base::StopSignal& stop_signal() noexcept { return stop_; }
  [[nodiscard]] Engine& engine() const noexcept { return engine_; }

  /// CPU time of the run's thread.
  [[nodiscard]] const base::ThreadClock& cpu_clock() const noexcept { return cpu_clock_; }

  /// "This thread is about to block", and "it is back".
  void begin_blocking() noexcept override;
  void end_blocking() noexcept override;

  [[nodiscard]] Activation& activation() noexcept { return activation_; }
  /// The signal that the thread must let through while it runs the guest.
  [[nodiscard]] int interrupt_signal() const noexcept { return interrupt_signal_; }

  /// Sends the signal to the run's thread if it is in a blocking call or, with `guest_too`, inside
  /// the guest; never into other host code. Returns whether the thread was inside the guest. For
  /// the interrupter.
  bool interrupt(bool guest_too) noexcept;
  /// The errno with which the kernel refused a signal; 0 when it took all. To be read once the run
  /// is disarmed.
  [[nodiscard]] int signal_error() const noexcept { return signal_error_; }

 private:
  friend class Interrupter;

  Engine& engine_;
  base::StopSignal stop_;
  Activation activation_{stop_};
  const int interrupt_signal_;
  const pid_t thread_;
  const base::ThreadClock cpu_clock_;
  // For the watchdog, under its lock once the run is armed.
  RunDeadlines deadlines_;
  std::chrono::nanoseconds cpu_seen_{0};
  unsigned idle_looks_ = 0;
  unsigned attempts_ = 0;
  int signal_error_ = 0;
  std::atomic<bool> blocking_{false};
};

/// Ends runs from outside: at a deadline, or when somebody asks. Any number of runs and threads.
///
/// There is one watchdog for all; how a run is reached is what its engine's `CodeKey` says, so runs
/// of both ways may be in flight at once.
class Interrupter {
 public:
  /// Errors: `kResourceExhausted` when the host gives no thread.
  [[nodiscard]] static Result<std::unique_ptr<Interrupter>> create();
  Interrupter(const Interrupter&) = delete;
  Interrupter& operator=(const Interrupter&) = delete;

  /// From now on `run` is stopped with `kTimeLimit` or `kCpuTimeLimit` at its deadlines and may be
  /// stopped by `stop()`.
  /// Called by the run's thread; paired with `disarm()`.
  void arm(InterruptibleRun& run, const RunDeadlines& deadlines) noexcept;

  /// Afterwards nobody touches `run` any more.
  void disarm(InterruptibleRun& run) noexcept;

  /// Stops an armed run; the first reason wins. Any thread; the caller sees to it that the run is
  /// not disarmed meanwhile.
  void stop(InterruptibleRun& run, StopReason reason) noexcept;

  /// How often the watchdog's thread woke up so far.
  [[nodiscard]] std::uint64_t wake_ups() const { return watchdog_->wake_ups(); }

 private:
  static std::chrono::nanoseconds look(Watched& item, unsigned looks_before) noexcept;
  static std::chrono::nanoseconds until_next_look(InterruptibleRun& run) noexcept;
  static std::chrono::nanoseconds attempt(InterruptibleRun& run) noexcept;

  explicit Interrupter(std::unique_ptr<Watchdog> watchdog) : watchdog_(std::move(watchdog)) {}
  std::unique_ptr<Watchdog> watchdog_;
};

/// Keeps a run armed for a scope.
class ArmedScope {
 public:
  ArmedScope(Interrupter& interrupter, InterruptibleRun& run, const RunDeadlines& deadlines)
      : interrupter_(interrupter), run_(run) {
    interrupter_.arm(run_, deadlines);
  }
  ArmedScope(const ArmedScope&) = delete;
  ArmedScope& operator=(const ArmedScope&) = delete;
  ~ArmedScope() { interrupter_.disarm(run_); }

 private:
  Interrupter& interrupter_;
  InterruptibleRun& run_;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_INTERRUPTER_H_
