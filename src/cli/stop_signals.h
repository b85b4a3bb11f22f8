#ifndef MIMOBOX_CLI_STOP_SIGNALS_H_
#define MIMOBOX_CLI_STOP_SIGNALS_H_

#include <signal.h>

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace mimobox::cli {

/// Turns SIGINT, SIGTERM and SIGHUP into a request to stop the run.
///
/// While an object lives these signals are blocked in the thread that made it and in every thread
/// that starts later; one thread waits for them. A signal that was ignored when the command started
/// (nohup, a shell's `&`) stays ignored. Make it before any other thread exists.
///
/// What cannot be stopped (loading, compiling, and a second signal while the run is being stopped)
/// ends by ending the process, with the same status.
class StopSignals {
 public:
  /// Says why, before the process ends; called on a thread of its own. `while_running`: a run was
  /// being stopped.
  using LastWords = std::function<void(int signal, bool while_running)>;

  explicit StopSignals(LastWords last_words);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// Requested by the first signal.
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
  /// The first signal's number; 0 while there was none.
  [[nodiscard]] int received() const { return received_.load(); }
  /// From here on a signal only requests a stop, since a run is there to answer it.
  void run_begins() { running_.store(true); }

 private:
  void wait_for_signals();
  void act_on(int number);

  LastWords last_words_;
  sigset_t awaited_{};
  sigset_t ignored_{};
  sigset_t before_{};
  std::stop_source stop_;
  std::atomic<int> received_{0};
  std::atomic<bool> running_{false};
  std::atomic<bool> done_{false};
  std::thread waiter_;
};

/// "SIGINT" and so on, for messages.
[[nodiscard]] std::string signal_name(int number);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_STOP_SIGNALS_H_
