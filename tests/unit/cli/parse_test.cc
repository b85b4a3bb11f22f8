#include "cli/parse.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "mimobox/settings.h"

namespace mimobox::cli {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(ParseEnv, SplitsAtTheFirstEqualsSign) {
  EXPECT_EQ(parse_env("A=b"), (EnvText{"A", "b"}));
  EXPECT_EQ(parse_env("A="), (EnvText{"A", ""}));
  EXPECT_EQ(parse_env("A=b=c"), (EnvText{"A", "b=c"}));
}

TEST(ParseEnv, TakesANameAloneAsTheOneOfThisProcess) {
  EXPECT_EQ(parse_env("A"), (EnvText{"A", std::nullopt}));
}

TEST(ParseEnv, RefusesWhatHasNoName) {
  EXPECT_FALSE(parse_env("=b").has_value());
  EXPECT_FALSE(parse_env("").has_value());
}

TEST(FormatExactly, TakesTheLargestUnitThatFits) {
  EXPECT_EQ(format_exactly(milliseconds{500}), "500 ms");
  EXPECT_EQ(format_exactly(milliseconds{2000}), "2 s");
  EXPECT_EQ(format_exactly(milliseconds{1500}), "1500 ms");
  EXPECT_EQ(format_exactly(microseconds{1}), "1 us");
  EXPECT_EQ(format_exactly(nanoseconds{1}), "1 ns");
}

TEST(FormatBytes, TakesTheLargestUnitThatFits) {
  EXPECT_EQ(format_bytes(0), "0 bytes");
  EXPECT_EQ(format_bytes(1023), "1023 bytes");
  EXPECT_EQ(format_bytes(65536), "64 KiB");
  EXPECT_EQ(format_bytes((1U << 20) + (1U << 17)), "1.1 MiB");
  EXPECT_EQ(format_bytes(std::uint64_t{4} << 30), "4 GiB");
}

}  // namespace
}  // namespace mimobox::cli
