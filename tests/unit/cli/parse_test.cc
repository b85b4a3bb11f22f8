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

TEST(ParseDuration, TakesEachUnit) {
  EXPECT_EQ(parse_duration("7ns"), nanoseconds{7});
  EXPECT_EQ(parse_duration("7us"), microseconds{7});
  EXPECT_EQ(parse_duration("500ms"), milliseconds{500});
  EXPECT_EQ(parse_duration("2s"), seconds{2});
  EXPECT_EQ(parse_duration("1m"), minutes{1});
  EXPECT_EQ(parse_duration("24h"), hours{24});
}

TEST(ParseDuration, TakesFractionsExactly) {
  EXPECT_EQ(parse_duration("1.5s"), milliseconds{1500});
  EXPECT_EQ(parse_duration("0.000000001s"), nanoseconds{1});
  EXPECT_EQ(parse_duration("0.1ms"), microseconds{100});
}

TEST(ParseDuration, RefusesANumberWithoutUnitAndSaysWhatToWrite) {
  const auto result = parse_duration("5");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), "'5' has no unit; write 5s for seconds or 5ms");
}

TEST(ParseDuration, RefusesWhatIsNoDuration) {
  for (const char* text :
       {"", "s", "-1s", "+1s", "1x", "1 s", "1.s", ".5s", "1e3s", "none", "1s "}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(ParseDuration, RefusesWhatDoesNotFit) {
  EXPECT_TRUE(parse_duration("9223372036854775807ns").has_value());
  EXPECT_FALSE(parse_duration("9223372036854775808ns").has_value());
  EXPECT_FALSE(parse_duration("18446744073709551616ns").has_value());
  EXPECT_FALSE(parse_duration("9223372036.9s").has_value());
  EXPECT_FALSE(parse_duration("99999999h").has_value());
}

TEST(ParseDuration, EscapesWhatItQuotes) {
  EXPECT_EQ(parse_duration("\x1b[31m").error().find('\x1b'), std::string::npos);
}

TEST(ParseBytes, TakesPlainNumbersAndBinaryUnits) {
  EXPECT_EQ(parse_bytes("0"), 0U);
  EXPECT_EQ(parse_bytes("65536"), 65536U);
  EXPECT_EQ(parse_bytes("1K"), 1024U);
  EXPECT_EQ(parse_bytes("64M"), std::uint64_t{64} << 20);
  EXPECT_EQ(parse_bytes("64MiB"), std::uint64_t{64} << 20);
  EXPECT_EQ(parse_bytes("1G"), std::uint64_t{1} << 30);
}

TEST(ParseBytes, RefusesWhatIsNoNumberOfBytes) {
  for (const char* text : {"", "M", "-1", "1.5M", "64MB", "64m", "1T", "64 M", "0x10"}) {
    EXPECT_FALSE(parse_bytes(text).has_value()) << text;
  }
}

TEST(ParseBytes, RefusesWhatDoesNotFit) {
  EXPECT_TRUE(parse_bytes("17179869183G").has_value());
  EXPECT_FALSE(parse_bytes("17179869184G").has_value());
}

TEST(ParseCount, TakesAWholeNumberWithoutUnit) {
  EXPECT_EQ(parse_count("0"), 0U);
  EXPECT_EQ(parse_count("18446744073709551615"), 18446744073709551615U);
  for (const char* text : {"", "-1", "1K", "1.0", "18446744073709551616", "none"}) {
    EXPECT_FALSE(parse_count(text).has_value()) << text;
  }
}

TEST(ParseSetting, TakesTheUnitsNotation) {
  using Value = std::expected<std::optional<std::uint64_t>, std::string>;
  EXPECT_EQ(parse_setting(Unit::kBytes, false, "64K"), Value{65536});
  EXPECT_EQ(parse_setting(Unit::kNanoseconds, false, "2us"), Value{2000});
  EXPECT_EQ(parse_setting(Unit::kCount, false, "7"), Value{7});
  EXPECT_FALSE(parse_setting(Unit::kBytes, false, "2s").has_value());
  EXPECT_FALSE(parse_setting(Unit::kNanoseconds, false, "64K").has_value());
}

TEST(ParseSetting, TakesNoneWhereItMayBe) {
  using Value = std::expected<std::optional<std::uint64_t>, std::string>;
  EXPECT_EQ(parse_setting(Unit::kNanoseconds, true, "none"), Value{std::nullopt});
  EXPECT_FALSE(parse_setting(Unit::kNanoseconds, false, "none").has_value());
  EXPECT_FALSE(parse_setting(Unit::kNanoseconds, true, "None").has_value());
}

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
