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

std::string_view code_source_name(CodeSource source) {
  switch (source) {
    case CodeSource::kMemory:
      return "memory";
    case CodeSource::kDiskCache:
      return "disk_cache";
    case CodeSource::kCompiled:
      return "compiled";
  }
  return "unknown";
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kExited:
      return "exited";
    case Verdict::kTimeLimit:
      return "time_limit";
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

std::string_view file_limit_name(FileLimit limit) {
  switch (limit) {
    case FileLimit::kNone:
      return "none";
    case FileLimit::kWrittenBytes:
      return "written_bytes";
    case FileLimit::kFileBytes:
      return "file_bytes";
    case FileLimit::kCreatedFiles:
      return "created_files";
    case FileLimit::kOpenDescriptors:
      return "open_descriptors";
    case FileLimit::kScratchBytes:
      return "scratch_bytes";
    case FileLimit::kScratchFiles:
      return "scratch_files";
  }
  return "unknown";
}

}  // namespace mimobox
