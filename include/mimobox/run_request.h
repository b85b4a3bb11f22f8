#ifndef MIMOBOX_RUN_REQUEST_H_
#define MIMOBOX_RUN_REQUEST_H_

#include <stop_token>
#include <string>
#include <variant>
#include <vector>

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
using Input = std::variant<InputNone, InputBytes, InputDescriptor>;

/// The stream is kept in the result, up to `Limits::stdout_bytes` or `stderr_bytes`.
struct OutputCapture {};
/// The stream is dropped.
struct OutputDiscard {};
/// The stream goes to a descriptor as the guest writes it. Borrowed as `InputDescriptor` is. When
/// nobody reads it any more the guest gets EPIPE and the host no SIGPIPE.
struct OutputDescriptor {
  int fd = -1;
};
using Output = std::variant<OutputCapture, OutputDiscard, OutputDescriptor>;

/// One run: what the guest is called with and where its streams go.
struct RunRequest {
  /// The guest's arguments behind argv[0]. No NUL inside; all together at most 1 MiB.
  std::vector<std::string> args = {};
  /// argv[0]. Empty: the module's name (its file name without folders: a path tells about the host).
  std::string program_name = {};
  Input input = InputNone{};
  Output output = OutputCapture{};
  Output error = OutputCapture{};
  /// Ends the run with `Verdict::kCancelled` once a stop is requested, from any thread, also before
  /// `execute()` begins.
  std::stop_token stop = {};
};

}  // namespace mimobox

#endif  // MIMOBOX_RUN_REQUEST_H_
