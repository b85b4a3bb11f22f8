#ifndef MIMOBOX_RUN_REQUEST_H_
#define MIMOBOX_RUN_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/mount.h"

namespace mimobox {

/// Standard input that is at its end from the start.
struct InputNone {};
/// Standard input of these bytes.
struct InputBytes {
  std::string data;
};
/// Standard input from a descriptor. Borrowed: open until `execute()` returns, never closed and its
/// open-file flags never changed by us. A guest that waits for it is still stopped in time.
struct InputDescriptor {
  int fd = -1;
};
/// Standard input from a function: it fills the front of a buffer of at least one byte and says how
/// many bytes that are; 0 is the end, after which it is not called again. See "Callbacks" below.
struct InputCallback {
  std::function<std::size_t(std::span<std::byte> buffer)> read = {};
};
using Input = std::variant<InputNone, InputBytes, InputDescriptor, InputCallback>;

/// The stream is kept in the result, up to `Limits::stdout_bytes` or `stderr_bytes`.
struct OutputCapture {};
/// The stream is dropped, and counted.
struct OutputDiscard {};
/// The stream goes to a descriptor as the guest writes it. Borrowed as `InputDescriptor` is. When
/// nobody reads it any more the guest gets EPIPE and the host no SIGPIPE.
struct OutputDescriptor {
  int fd = -1;
  /// Bytes that go through at most; `SandboxConfig::on_stdout_limit` or `on_stderr_limit` says what
  /// happens above. With `kKeepHeadAndTail` half of them go through and the last bytes are kept for
  /// the result, so it is at most 1 GiB then (else `ErrorCode::kInvalidConfig`). nullopt: no bound.
  std::optional<std::uint64_t> limit_bytes = std::nullopt;
};
/// The stream goes to a function, piece by piece as the guest writes it. See "Callbacks" below.
struct OutputCallback {
  std::function<void(std::span<const std::byte> bytes)> write = {};
  /// As `OutputDescriptor::limit_bytes`.
  std::optional<std::uint64_t> limit_bytes = std::nullopt;
};
using Output = std::variant<OutputCapture, OutputDiscard, OutputDescriptor, OutputCallback>;

// Callbacks. They are called on the thread that called `execute()`, while that waits. They may be
// slow: their time counts as the run's, and `Metrics::callback_time` names it; nobody interrupts
// them, so a deadline that falls into one is met when it returns. They may not call `execute()` or
// `destroy()` of the same sandbox (`ErrorCode::kReentrant`); a run of another one does not wait for
// its turn, as with `OnBusy::kRefuse`. What they throw ends the run with
// `Verdict::kCallbackFailed`.

/// One run: what the guest is called with and where its streams go.
struct RunRequest {
  /// The guest's arguments behind argv[0]. No NUL inside; all together at most 1 MiB.
  std::vector<std::string> args = {};
  /// argv[0]. Empty: the module's name (its file name without folders: a path tells about the
  /// host).
  std::string program_name = {};
  Input input = InputNone{};
  Output output = OutputCapture{};
  Output error = OutputCapture{};
  /// What to put into the sandbox's scratches first. Error `kInvalidConfig` for a scratch that the
  /// sandbox does not have, and for a path or file that a guest could not have made there.
  std::vector<ScratchInput> scratch = {};
  /// Whether `RunResult::scratch` tells what the scratches held at the end.
  bool keep_scratch = false;
  /// Called after each WASI call with one line of printable ASCII: the function, its arguments, the
  /// errno and on success the results. A callback as those above.
  std::function<void(std::string_view line)> trace = {};
  /// Limits for this run, none of them looser than the sandbox's and the same stack size; else
  /// `ErrorCode::kInvalidConfig`. Best made by changing a copy of `Sandbox::config().limits`.
  std::optional<Limits> limits = std::nullopt;
  /// Ends the run with `Verdict::kCancelled` once a stop is requested, from any thread, also before
  /// `execute()` begins.
  std::stop_token stop = {};
};

}  // namespace mimobox

#endif  // MIMOBOX_RUN_REQUEST_H_
