#include "cli/exit_status.h"

#include <signal.h>

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "mimobox/error.h"
#include "mimobox/result.h"

namespace mimobox::cli {
namespace {

TEST(ExitStatus, PassesAGuestsOwnCodeUpTo255) {
  for (std::uint32_t code = 0; code <= 255; ++code)
    EXPECT_EQ(status_of_guest(code), static_cast<int>(code));
}

TEST(ExitStatus, IsNeverZeroForALargerCode) {
  EXPECT_EQ(status_of_guest(256), 1);
  EXPECT_EQ(status_of_guest(512), 1);
  EXPECT_EQ(status_of_guest(0x80000000U), 1);
  EXPECT_EQ(status_of_guest(0xffffffffU), 1);
}

TEST(ExitStatus, TellsErrorsApartAsShellsDo) {
  EXPECT_EQ(status_of(ErrorCode::kModuleNotFound), 127);
  EXPECT_EQ(status_of(ErrorCode::kModuleUnreadable), 126);
  EXPECT_EQ(status_of(ErrorCode::kModuleInvalid), 126);
  EXPECT_EQ(status_of(ErrorCode::kModuleTooLarge), 126);
  EXPECT_EQ(status_of(ErrorCode::kNoEntryPoint), 126);
  EXPECT_EQ(status_of(ErrorCode::kUnsupportedImport), 126);
  EXPECT_EQ(status_of(ErrorCode::kUnsupportedFeature), 126);
  EXPECT_EQ(status_of(ErrorCode::kMemoryAboveLimit), 137);
  EXPECT_EQ(status_of(ErrorCode::kCompileTimeout), 124);
  EXPECT_EQ(status_of(ErrorCode::kEmptyCommand), 125);
  EXPECT_EQ(status_of(ErrorCode::kInvalidConfig), 125);
  EXPECT_EQ(status_of(ErrorCode::kMountFailed), 125);
  EXPECT_EQ(status_of(ErrorCode::kResourceExhausted), 125);
  EXPECT_EQ(status_of(ErrorCode::kReentrant), 125);
  EXPECT_EQ(status_of(ErrorCode::kDestroyed), 125);
  EXPECT_EQ(status_of(ErrorCode::kInternal), 125);
}

TEST(ExitStatus, TellsVerdictsApart) {
  EXPECT_EQ(status_of({.verdict = Verdict::kExited, .exit_code = 42}, 0), 42);
  EXPECT_EQ(status_of({.verdict = Verdict::kExited, .exit_code = 256}, 0), 1);
  EXPECT_EQ(status_of({.verdict = Verdict::kOutputLimit}, 0), 123);
  EXPECT_EQ(status_of({.verdict = Verdict::kOutOfFuel}, 0), 123);
  EXPECT_EQ(status_of({.verdict = Verdict::kTimeLimit}, 0), 124);
  EXPECT_EQ(status_of({.verdict = Verdict::kCpuTimeLimit}, 0), 124);
  EXPECT_EQ(status_of({.verdict = Verdict::kCallbackFailed}, 0), 125);
  EXPECT_EQ(status_of({.verdict = Verdict::kTrapped}, 0), 134);
  EXPECT_EQ(status_of({.verdict = Verdict::kStackOverflow}, 0), 134);
  EXPECT_EQ(status_of({.verdict = Verdict::kMemoryLimit}, 0), 137);
}

TEST(ExitStatus, Is128AndTheSignalsNumberOnlyWhereOneEndedTheRun) {
  EXPECT_EQ(status_of({.verdict = Verdict::kCancelled}, SIGINT), 130);
  EXPECT_EQ(status_of({.verdict = Verdict::kCancelled}, SIGTERM), 143);
  EXPECT_EQ(status_of({.verdict = Verdict::kCancelled}, SIGHUP), 129);
  EXPECT_EQ(status_of({.verdict = Verdict::kCancelled}, 0), 125);
  EXPECT_EQ(status_of({.verdict = Verdict::kExited, .exit_code = 3}, SIGINT), 3);
  EXPECT_EQ(status_of({.verdict = Verdict::kTimeLimit}, SIGTERM), 124);
}

TEST(ExitStatus, TableNamesEachOfOurs) {
  std::string all;
  for (const StatusMeaning& row : own_statuses())
    all += std::string(row.status) + " ";
  EXPECT_EQ(all, "123 124 125 126 127 134 137 128+n ");
}

}  // namespace
}  // namespace mimobox::cli
