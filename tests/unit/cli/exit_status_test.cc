#include "cli/exit_status.h"

#include <gtest/gtest.h>

#include "mimobox/error.h"

namespace mimobox::cli {
namespace {

TEST(ExitStatus, PassesAGuestsOwnCodeUpTo255) {
  EXPECT_EQ(status_of_guest(0), 0);
  EXPECT_EQ(status_of_guest(255), 255);
}

TEST(ExitStatus, IsNeverZeroForALargerCode) {
  EXPECT_EQ(status_of_guest(256), 1);
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
  EXPECT_EQ(status_of(ErrorCode::kMemoryAboveLimit), 137);
  EXPECT_EQ(status_of(ErrorCode::kCompileTimeout), 124);
  EXPECT_EQ(status_of(ErrorCode::kInvalidConfig), 125);
  EXPECT_EQ(status_of(ErrorCode::kResourceExhausted), 125);
  EXPECT_EQ(status_of(ErrorCode::kInternal), 125);
}

}  // namespace
}  // namespace mimobox::cli
