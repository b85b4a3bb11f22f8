#ifndef MIMOBOX_ERROR_H_
#define MIMOBOX_ERROR_H_

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace mimobox {

/// What the host could not do. What a guest did is a `Verdict` (mimobox/result.h), never one of
/// these.
enum class ErrorCode : std::uint8_t {
  kModuleNotFound,      ///< no file of that name, or a part of the path is no directory
  kModuleUnreadable,    ///< the file is there and cannot be read (permission, a directory, I/O)
  kModuleInvalid,       ///< not a WebAssembly module, or one that does not validate
  kModuleTooLarge,      ///< more bytes, functions, locals or table elements than are accepted
  kEmptyCommand,        ///< `execute(command)` without an element
  kNoEntryPoint,        ///< the module exports neither `_start` nor a `main` that can be called
  kUnsupportedImport,   ///< the module imports something that no sandbox offers
  kUnsupportedFeature,  ///< the module uses a WebAssembly proposal that is switched off
  kMemoryAboveLimit,    ///< the module's memory starts larger than the memory limit
  kInvalidConfig,       ///< a setting is out of its bounds; the message names field and bound
  kCompileTimeout,      ///< compiling took longer than `RuntimeConfig::compile_timeout`
  kMountFailed,         ///< a host path cannot be granted; the message names it
  kResourceExhausted,   ///< a bound of the `Runtime` is reached, or the host has nothing left
  kReentrant,           ///< called from inside a callback of a run
  kDestroyed,           ///< the sandbox was destroyed
  kInternal,            ///< the engine answered what it never should; please report
};

/// The code's name as programs see it ("module_not_found"). A static string.
[[nodiscard]] std::string_view error_code_name(ErrorCode code);

/// An error: a code to branch on, a sentence for a person, and errno where there was one (else 0).
struct SandboxError {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  int os_errno = 0;

  friend bool operator==(const SandboxError&, const SandboxError&) = default;
};

/// What every fallible function of this library returns.
template <class T>
using Result = std::expected<T, SandboxError>;

}  // namespace mimobox

#endif  // MIMOBOX_ERROR_H_
