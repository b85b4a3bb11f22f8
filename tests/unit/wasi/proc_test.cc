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

constexpr Answer kExits = {Errno::kSuccess, HostCallOutcome::kExit};
constexpr Answer kStops = {Errno::kSuccess, HostCallOutcome::kStop};

TEST(ProcExit, KeepsTheCodeAndEndsTheGuest) {
  Fixture guest;
  EXPECT_EQ(guest.host().exit_code(), std::nullopt);
  EXPECT_EQ(guest.call("proc_exit", {42}), kExits);
  EXPECT_EQ(guest.host().exit_code(), 42U);
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(ProcExit, TakesEveryCode) {
  Fixture zero;
  EXPECT_EQ(zero.call("proc_exit", {0}), kExits);
  EXPECT_EQ(zero.host().exit_code(), 0U);
  Fixture largest;
  EXPECT_EQ(largest.call("proc_exit", {0xFFFF'FFFF}), kExits);
  EXPECT_EQ(largest.host().exit_code(), 0xFFFF'FFFFU);
}

TEST(ProcExit, KeepsItsCodeWhenTheRunIsStoppedLater) {
  Fixture guest;
  EXPECT_EQ(guest.call("proc_exit", {7}), kExits);
  guest.stop.raise(1);
  EXPECT_EQ(guest.host().exit_code(), 7U);
  EXPECT_TRUE(guest.host().stopped());
}

TEST(ProcExit, ComesTooLateInAStoppedRun) {
  Fixture guest;
  guest.stop.raise(1);
  EXPECT_EQ(guest.call("proc_exit", {7}), kStops);
  EXPECT_EQ(guest.host().exit_code(), std::nullopt);
}

TEST(ProcRaise, IsNotSupported) {
  Fixture guest;
  EXPECT_EQ(guest.call("proc_raise", {9}), returns(Errno::kNotsup));
  EXPECT_EQ(guest.call("proc_raise", {0xFFFF'FFFF}), returns(Errno::kNotsup));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(SchedYield, Succeeds) {
  Fixture guest;
  EXPECT_EQ(guest.call("sched_yield", {}), kOk);
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(StoppedRun, NoCallOfItReturnsToTheGuest) {
  Fixture guest;
  guest.stop.raise(1);
  std::vector<std::string> returned;
  for (const base::HostFunction& function : functions()) {
    base::RawValue values[16] = {};
    std::vector<std::byte> memory(256);
    if (function.call(&guest.host(), memory, values) != HostCallOutcome::kStop) {
      returned.emplace_back(function.name);
    }
  }
  EXPECT_EQ(returned, std::vector<std::string>{});
}

}  // namespace
}  // namespace mimobox::wasi
