// The tables of names that programs branch on: each enumerator has one, and they never change.
#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "mimobox/error.h"
#include "mimobox/mount.h"
#include "mimobox/result.h"

namespace mimobox {
namespace {

template <class Enum>
struct Row {
  Enum value;
  std::string_view name;
};

template <class Enum, std::size_t kSize, class Name>
void expect_table(const Row<Enum> (&rows)[kSize], Name name_of) {
  std::set<std::string_view> names;
  for (const Row<Enum>& row : rows) {
    EXPECT_EQ(name_of(row.value), row.name);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
  // The enumerators are numbered without a gap: the one behind the last has no name.
  EXPECT_EQ(name_of(static_cast<Enum>(kSize)), "unknown");
}

TEST(Names, OfErrorCodes) {
  const Row<ErrorCode> rows[] = {{ErrorCode::kModuleNotFound, "module_not_found"},
                                 {ErrorCode::kModuleUnreadable, "module_unreadable"},
                                 {ErrorCode::kModuleInvalid, "module_invalid"},
                                 {ErrorCode::kModuleTooLarge, "module_too_large"},
                                 {ErrorCode::kEmptyCommand, "empty_command"},
                                 {ErrorCode::kNoEntryPoint, "no_entry_point"},
                                 {ErrorCode::kUnsupportedImport, "unsupported_import"},
                                 {ErrorCode::kUnsupportedFeature, "unsupported_feature"},
                                 {ErrorCode::kMemoryAboveLimit, "memory_above_limit"},
                                 {ErrorCode::kInvalidConfig, "invalid_config"},
                                 {ErrorCode::kCompileTimeout, "compile_timeout"},
                                 {ErrorCode::kMountFailed, "mount_failed"},
                                 {ErrorCode::kResourceExhausted, "resource_exhausted"},
                                 {ErrorCode::kReentrant, "reentrant"},
                                 {ErrorCode::kDestroyed, "destroyed"},
                                 {ErrorCode::kInternal, "internal"}};
  expect_table(rows, error_code_name);
}

TEST(Names, OfVerdicts) {
  const Row<Verdict> rows[] = {{Verdict::kExited, "exited"},
                               {Verdict::kTimeLimit, "time_limit"},
                               {Verdict::kMemoryLimit, "memory_limit"},
                               {Verdict::kStackOverflow, "stack_overflow"},
                               {Verdict::kOutputLimit, "output_limit"},
                               {Verdict::kTrapped, "trapped"},
                               {Verdict::kCancelled, "cancelled"},
                               {Verdict::kCallbackFailed, "callback_failed"}};
  expect_table(rows, verdict_name);
}

TEST(Names, OfLimitsOnFiles) {
  const Row<FileLimit> rows[] = {{FileLimit::kNone, "none"},
                                 {FileLimit::kWrittenBytes, "written_bytes"},
                                 {FileLimit::kFileBytes, "file_bytes"},
                                 {FileLimit::kCreatedFiles, "created_files"},
                                 {FileLimit::kOpenDescriptors, "open_descriptors"},
                                 {FileLimit::kScratchBytes, "scratch_bytes"},
                                 {FileLimit::kScratchFiles, "scratch_files"}};
  expect_table(rows, file_limit_name);
}

}  // namespace
}  // namespace mimobox
