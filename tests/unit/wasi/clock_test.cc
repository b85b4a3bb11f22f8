#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"

namespace mimobox::wasi {
namespace {

using testing::Answer;
using testing::Fixture;
using testing::HostCallOutcome;
using testing::iovec;
using testing::kOk;
using testing::le16;
using testing::le32;
using testing::le64;
using testing::returns;

TEST(ClockTimeGet, WritesTheTimeOfEachClock) {
  Fixture guest;
  EXPECT_EQ(guest.call("clock_time_get", {0, 0, 0}), kOk);
  EXPECT_EQ(guest.call("clock_time_get", {1, ~0ULL, 9}), kOk);
  EXPECT_EQ(guest.call("clock_time_get", {2, 1, 100}), kOk);
  EXPECT_EQ(guest.call("clock_time_get", {3, 1, 248}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{0, le64(5'000)},
                                            {9, le64(1'000)},
                                            {100, "\x08\x07\x06\x05\x04\x03\x02\x01"},
                                            {248, le64(33)}}));
}

TEST(ClockTimeGet, RefusesUnknownClocks) {
  Fixture guest;
  EXPECT_EQ(guest.call("clock_time_get", {4, 0, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("clock_time_get", {0xFFFF'FFFF, 0, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(ClockTimeGet, RefusesAPlaceOutside) {
  Fixture guest;
  EXPECT_EQ(guest.call("clock_time_get", {0, 0, 249}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("clock_time_get", {0, 0, 256}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("clock_time_get", {0, 0, 0xFFFF'FFFF}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(ClockResGet, WritesTheResolutionOfEachClock) {
  Fixture guest;
  EXPECT_EQ(guest.call("clock_res_get", {0, 0}), kOk);
  EXPECT_EQ(guest.call("clock_res_get", {1, 8}), kOk);
  EXPECT_EQ(guest.call("clock_res_get", {2, 16}), kOk);
  EXPECT_EQ(guest.call("clock_res_get", {3, 248}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{0, le64(100) + le64(101) + le64(102)}, {248, le64(103)}}));
}

TEST(ClockResGet, RefusesUnknownClocksAndPlacesOutside) {
  Fixture guest;
  EXPECT_EQ(guest.call("clock_res_get", {4, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("clock_res_get", {0, 249}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("clock_res_get", {0, 0xFFFF'FFF8}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(SystemClock, DoesNotGoBackAndHasAResolution) {
  SystemClock clock;
  const std::uint64_t first = clock.now(ClockId::kMonotonic);
  EXPECT_LE(first, clock.now(ClockId::kMonotonic));
  EXPECT_GE(clock.resolution(ClockId::kRealtime), 1U);
  EXPECT_GE(clock.resolution(ClockId::kMonotonic), 1U);
  EXPECT_GE(clock.resolution(ClockId::kProcessCputime), 1U);
  EXPECT_GE(clock.resolution(ClockId::kThreadCputime), 1U);
}

TEST(SystemClock, CountsCpuTimeFromItsStart) {
  SystemClock late;
  SystemClock later;
  const std::uint64_t of_later = later.now(ClockId::kThreadCputime);
  EXPECT_LE(of_later, late.now(ClockId::kThreadCputime));
}

TEST(SystemClock, TellsTheYear) {
  SystemClock clock;
  constexpr std::uint64_t kYear2024Ns = 1'704'067'200ULL * 1'000'000'000;
  EXPECT_GT(clock.now(ClockId::kRealtime), kYear2024Ns);
}

}  // namespace
}  // namespace mimobox::wasi
