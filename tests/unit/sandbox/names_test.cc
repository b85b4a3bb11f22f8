// The tables of names that programs branch on: each enumerator has one, and they never change.
#include <iterator>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "mimobox/error.h"
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
                               {Verdict::kCpuTimeLimit, "cpu_time_limit"},
                               {Verdict::kOutOfFuel, "out_of_fuel"},
                               {Verdict::kMemoryLimit, "memory_limit"},
                               {Verdict::kStackOverflow, "stack_overflow"},
                               {Verdict::kOutputLimit, "output_limit"},
                               {Verdict::kTrapped, "trapped"},
                               {Verdict::kCancelled, "cancelled"},
                               {Verdict::kCallbackFailed, "callback_failed"}};
  expect_table(rows, verdict_name);
}

TEST(Names, OfLimitsHit) {
  const Row<LimitHit> rows[] = {{LimitHit::kNone, "none"},
                                {LimitHit::kMemoryBytes, "memory_bytes"},
                                {LimitHit::kTableElements, "table_elements"},
                                {LimitHit::kWallTime, "wall_time"},
                                {LimitHit::kCpuTime, "cpu_time"},
                                {LimitHit::kFuel, "fuel"},
                                {LimitHit::kStdoutBytes, "stdout_bytes"},
                                {LimitHit::kStderrBytes, "stderr_bytes"},
                                {LimitHit::kStackBytes, "stack_bytes"},
                                {LimitHit::kWrittenBytes, "written_bytes"},
                                {LimitHit::kFileBytes, "file_bytes"},
                                {LimitHit::kCreatedFiles, "created_files"},
                                {LimitHit::kOpenDescriptors, "open_descriptors"},
                                {LimitHit::kScratchBytes, "scratch_bytes"},
                                {LimitHit::kScratchFiles, "scratch_files"}};
  expect_table(rows, limit_hit_name);
}

TEST(Names, OfHostCallKinds) {
  const Row<HostCallKind> rows[] = {{HostCallKind::kArguments, "arguments"},
                                    {HostCallKind::kClock, "clock"},
                                    {HostCallKind::kRandom, "random"},
                                    {HostCallKind::kStreamRead, "stream_read"},
                                    {HostCallKind::kStreamWrite, "stream_write"},
                                    {HostCallKind::kFileRead, "file_read"},
                                    {HostCallKind::kFileWrite, "file_write"},
                                    {HostCallKind::kDirectoryRead, "directory_read"},
                                    {HostCallKind::kDescriptor, "descriptor"},
                                    {HostCallKind::kPath, "path"},
                                    {HostCallKind::kPoll, "poll"},
                                    {HostCallKind::kProcess, "process"},
                                    {HostCallKind::kSocket, "socket"}};
  static_assert(std::size(rows) == kHostCallKinds);
  expect_table(rows, host_call_kind_name);
}

}  // namespace
}  // namespace mimobox
