#include "cli/exit_status.h"

#include <array>
#include <cstdint>
#include <span>

#include "mimobox/error.h"
#include "mimobox/result.h"

namespace mimobox::cli {
namespace {

constexpr std::array kOwnStatuses = {
    StatusMeaning{"123", "output limit, out of fuel"},
    StatusMeaning{"124", "time limit"},
    StatusMeaning{"125", "wrong usage, our own failure"},
    StatusMeaning{"126", "not a module that can run"},
    StatusMeaning{"127", "no such file"},
    StatusMeaning{"134", "trap, stack overflow"},
    StatusMeaning{"137", "memory limit"},
    StatusMeaning{"128+n", "ended by signal n (Ctrl-C: 130)"},
};

}  // namespace

std::span<const StatusMeaning> own_statuses() {
  return kOwnStatuses;
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kModuleNotFound:
      return kStatusNotFound;
    case ErrorCode::kModuleUnreadable:
    case ErrorCode::kModuleInvalid:
    case ErrorCode::kModuleTooLarge:
    case ErrorCode::kNoEntryPoint:
    case ErrorCode::kUnsupportedImport:
    case ErrorCode::kUnsupportedFeature:
      return kStatusCannotRun;
    case ErrorCode::kMemoryAboveLimit:
      return kStatusMemoryLimit;
    case ErrorCode::kCompileTimeout:
      return kStatusTimeLimit;
    case ErrorCode::kEmptyCommand:
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kMountFailed:
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kReentrant:
    case ErrorCode::kDestroyed:
    case ErrorCode::kInternal:
      return kStatusOwnFailure;
  }
  return kStatusOwnFailure;
}

int status_of(const RunResult& result, int signal) {
  switch (result.verdict) {
    case Verdict::kExited:
      return status_of_guest(result.exit_code.value_or(0));
    case Verdict::kTimeLimit:
    case Verdict::kCpuTimeLimit:
      return kStatusTimeLimit;
    case Verdict::kMemoryLimit:
      return kStatusMemoryLimit;
    case Verdict::kOutputLimit:
    case Verdict::kOutOfFuel:
      return kStatusOtherLimit;
    case Verdict::kStackOverflow:
    case Verdict::kTrapped:
      return kStatusTrap;
    case Verdict::kCancelled:
      return signal > 0 ? kStatusSignalBase + signal : kStatusOwnFailure;
    case Verdict::kCallbackFailed:
      return kStatusOwnFailure;
  }
  return kStatusOwnFailure;
}

int status_of_guest(std::uint32_t exit_code) {
  return exit_code <= 255 ? static_cast<int>(exit_code) : 1;
}

}  // namespace mimobox::cli
