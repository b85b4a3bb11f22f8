#include <string_view>

#include "mimobox/error.h"
#include "mimobox/result.h"

namespace mimobox {

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kModuleNotFound:
      return "module_not_found";
    case ErrorCode::kModuleUnreadable:
      return "module_unreadable";
    case ErrorCode::kModuleInvalid:
      return "module_invalid";
    case ErrorCode::kModuleTooLarge:
      return "module_too_large";
    case ErrorCode::kEmptyCommand:
      return "empty_command";
    case ErrorCode::kNoEntryPoint:
      return "no_entry_point";
    case ErrorCode::kUnsupportedImport:
      return "unsupported_import";
    case ErrorCode::kUnsupportedFeature:
      return "unsupported_feature";
    case ErrorCode::kMountFailed:
      return "mount_failed";
    case ErrorCode::kReentrant:
      return "reentrant";
    case ErrorCode::kMemoryAboveLimit:
      return "memory_above_limit";
    case ErrorCode::kInvalidConfig:
      return "invalid_config";
    case ErrorCode::kCompileTimeout:
      return "compile_timeout";
    case ErrorCode::kResourceExhausted:
      return "resource_exhausted";
    case ErrorCode::kDestroyed:
      return "destroyed";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "unknown";
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kExited:
      return "exited";
    case Verdict::kTimeLimit:
      return "time_limit";
    case Verdict::kCpuTimeLimit:
      return "cpu_time_limit";
    case Verdict::kOutOfFuel:
      return "out_of_fuel";
    case Verdict::kMemoryLimit:
      return "memory_limit";
    case Verdict::kStackOverflow:
      return "stack_overflow";
    case Verdict::kOutputLimit:
      return "output_limit";
    case Verdict::kCallbackFailed:
      return "callback_failed";
    case Verdict::kTrapped:
      return "trapped";
    case Verdict::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

std::string_view trap_code_name(TrapCode code) {
  switch (code) {
    case TrapCode::kStackOverflow:
      return "stack_overflow";
    case TrapCode::kMemoryOutOfBounds:
      return "memory_out_of_bounds";
    case TrapCode::kTableOutOfBounds:
      return "table_out_of_bounds";
    case TrapCode::kIndirectCallToNull:
      return "indirect_call_to_null";
    case TrapCode::kBadSignature:
      return "bad_signature";
    case TrapCode::kIntegerOverflow:
      return "integer_overflow";
    case TrapCode::kIntegerDivisionByZero:
      return "integer_division_by_zero";
    case TrapCode::kBadConversionToInteger:
      return "bad_conversion_to_integer";
    case TrapCode::kUnreachable:
      return "unreachable";
    case TrapCode::kOther:
      return "other";
  }
  return "unknown";
}

std::string_view limit_hit_name(LimitHit limit) {
  switch (limit) {
    case LimitHit::kNone:
      return "none";
    case LimitHit::kMemoryBytes:
      return "memory_bytes";
    case LimitHit::kTableElements:
      return "table_elements";
    case LimitHit::kWallTime:
      return "wall_time";
    case LimitHit::kCpuTime:
      return "cpu_time";
    case LimitHit::kFuel:
      return "fuel";
    case LimitHit::kStdoutBytes:
      return "stdout_bytes";
    case LimitHit::kStderrBytes:
      return "stderr_bytes";
    case LimitHit::kStackBytes:
      return "stack_bytes";
    case LimitHit::kWrittenBytes:
      return "written_bytes";
    case LimitHit::kFileBytes:
      return "file_bytes";
    case LimitHit::kCreatedFiles:
      return "created_files";
    case LimitHit::kOpenDescriptors:
      return "open_descriptors";
    case LimitHit::kScratchBytes:
      return "scratch_bytes";
    case LimitHit::kScratchFiles:
      return "scratch_files";
  }
  return "unknown";
}

std::string_view host_call_kind_name(HostCallKind kind) {
  switch (kind) {
    case HostCallKind::kArguments:
      return "arguments";
    case HostCallKind::kClock:
      return "clock";
    case HostCallKind::kRandom:
      return "random";
    case HostCallKind::kStreamRead:
      return "stream_read";
    case HostCallKind::kStreamWrite:
      return "stream_write";
    case HostCallKind::kFileRead:
      return "file_read";
    case HostCallKind::kFileWrite:
      return "file_write";
    case HostCallKind::kDirectoryRead:
      return "directory_read";
    case HostCallKind::kDescriptor:
      return "descriptor";
    case HostCallKind::kPath:
      return "path";
    case HostCallKind::kPoll:
      return "poll";
    case HostCallKind::kProcess:
      return "process";
    case HostCallKind::kSocket:
      return "socket";
  }
  return "unknown";
}

}  // namespace mimobox
