#include "cli/exit_status.h"

#include <cstdint>

#include "mimobox/error.h"

namespace mimobox::cli {

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kModuleNotFound:
      return kStatusNotFound;
    case ErrorCode::kModuleUnreadable:
    case ErrorCode::kModuleInvalid:
    case ErrorCode::kModuleTooLarge:
    case ErrorCode::kNoEntryPoint:
    case ErrorCode::kUnsupportedImport:
      return kStatusCannotRun;
    case ErrorCode::kMemoryAboveLimit:
      return kStatusMemoryLimit;
    case ErrorCode::kCompileTimeout:
      return kStatusTimeLimit;
    case ErrorCode::kEmptyCommand:
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kDestroyed:
    case ErrorCode::kInternal:
      return kStatusOwnFailure;
  }
  return kStatusOwnFailure;
}

int status_of_guest(std::uint32_t exit_code) {
  return exit_code <= 255 ? static_cast<int>(exit_code) : 1;
}

}  // namespace mimobox::cli
