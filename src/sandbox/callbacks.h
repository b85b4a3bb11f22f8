#ifndef MIMOBOX_SANDBOX_CALLBACKS_H_
#define MIMOBOX_SANDBOX_CALLBACKS_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mimobox/run_request.h"

#include "base/stop_signal.h"
#include "sandbox/callback_threads.h"
#include "sandbox/caller_thread.h"
#include "sandbox/runs_in_flight.h"
#include "wasi/byte_stream.h"
#include "wasi/trace.h"

namespace mimobox::internal {

/// Calls an embedder's functions for one run: on the caller's thread, timed, marked against
/// re-entry, and with their exceptions turned into the end of the run. Everything passed in is
/// borrowed.
class Callbacks {
 public:
  /// `caller` is null when the run is on the caller's thread itself.
  Callbacks(CallbackThreads& threads, RunsInFlight& runs, RunEntry& run, base::StopSignal& stop,
            CallerThread* caller)
      : threads_(threads), runs_(runs), run_(run), stop_(stop), caller_(caller) {}
  Callbacks(const Callbacks&) = delete;
  Callbacks& operator=(const Callbacks&) = delete;

  /// Whether `body` returned; else the run is being stopped.
  [[nodiscard]] bool call(const std::function<void()>& body) noexcept;

  [[nodiscard]] std::chrono::nanoseconds time() const { return time_; }
  /// What was thrown.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void call_here(const std::function<void()>& body) noexcept;
  void fail(const char* text) noexcept;

  CallbackThreads& threads_;
  RunsInFlight& runs_;
  RunEntry& run_;
  base::StopSignal& stop_;
  CallerThread* caller_;
  std::chrono::nanoseconds time_{0};
  std::string error_;
  bool failed_ = false;
};

/// An embedder's function as a guest's input.
class CallbackSource final : public wasi::ByteSource {
 public:
  CallbackSource(Callbacks& callbacks, const InputCallback& input)
      : callbacks_(callbacks), input_(input) {}
  [[nodiscard]] std::optional<std::size_t> read(std::span<std::byte> buffer) noexcept override;

 private:
  Callbacks& callbacks_;
  const InputCallback& input_;
};

/// An embedder's function as a guest's output.
class CallbackSink final : public wasi::ByteSink {
 public:
  CallbackSink(Callbacks& callbacks, const OutputCallback& output)
      : callbacks_(callbacks), output_(output) {}
  [[nodiscard]] bool write(std::span<const std::byte> bytes) noexcept override;

 private:
  Callbacks& callbacks_;
  const OutputCallback& output_;
};

/// An embedder's function that is told of each WASI call.
class CallbackTrace final : public wasi::CallTrace {
 public:
  CallbackTrace(Callbacks& callbacks, const std::function<void(std::string_view)>& trace)
      : callbacks_(callbacks), trace_(trace) {}
  void call(std::string_view line) noexcept override {
    // When it throws, the run is being stopped: the host call leaves by that.
    static_cast<void>(callbacks_.call([&] { trace_(line); }));
  }

 private:
  Callbacks& callbacks_;
  const std::function<void(std::string_view)>& trace_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_CALLBACKS_H_
