#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "mimobox/settings.h"

namespace mimobox {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

using Number = std::expected<std::uint64_t, std::string>;

Number parse_number(Unit unit, std::string_view text) {
  const auto value = parse_setting(unit, false, text);
  if (!value) return std::unexpected(value.error());
  return value->value();
}
std::expected<nanoseconds, std::string> parse_duration(std::string_view text) {
  const Number number = parse_number(Unit::kNanoseconds, text);
  if (!number) return std::unexpected(number.error());
  return nanoseconds(static_cast<std::int64_t>(*number));
}
Number parse_bytes(std::string_view text) {
  return parse_number(Unit::kBytes, text);
}
Number parse_count(std::string_view text) {
  return parse_number(Unit::kCount, text);
}
Number parse_timestamp(std::string_view text) {
  return parse_number(Unit::kTimestamp, text);
}

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

TEST(FormatSetting, GivesTheLargestUnitThatIsExact) {
  EXPECT_EQ(format_setting(Unit::kBytes, 512ULL << 20), "512M");
  EXPECT_EQ(format_setting(Unit::kBytes, 65537), "65537");
  EXPECT_EQ(format_setting(Unit::kBytes, 0), "0");
  EXPECT_EQ(format_setting(Unit::kNanoseconds, 30'000'000'000), "30s");
  EXPECT_EQ(format_setting(Unit::kNanoseconds, 1'500'000'000), "1500ms");
  EXPECT_EQ(format_setting(Unit::kNanoseconds, 1), "1ns");
  EXPECT_EQ(format_setting(Unit::kCount, 1024), "1024");
  EXPECT_EQ(format_setting(Unit::kCount, std::nullopt), "none");
}

TEST(ParseTimestamp, TakesTimesInUtc) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00Z"), 0U);
  EXPECT_EQ(parse_timestamp("2000-02-29T23:59:59Z"), 951'868'799'000'000'000U);
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01.5Z"), 1'500'000'000U);
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.000000001Z"), 1U);
}

TEST(ParseTimestamp, RefusesWhatIsNone) {
  for (const char* text :
       {"", "Z", "2000-01-01", "2000-01-01T00:00:00", "2000-01-01 00:00:00Z",
        "1969-12-31T23:59:59Z", "2001-02-29T00:00:00Z", "2000-13-01T00:00:00Z",
        "2000-01-01T24:00:00Z", "2000-01-01T00:60:00Z", "2000-01-01T00:00:60Z",
        "2000-01-01T00:00:00+00:00Z", "2000-01-01T00:00:00.Z", "2000-01-01T00:00:00.0000000001Z",
        "2000-01-01T00:00:005Z", "+000-01-01T00:00:00Z", "2262-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
  }
  EXPECT_EQ(parse_timestamp("now").error(),
            "'now' is no time since 1970; write it in UTC, as in 2000-01-01T00:00:00Z");
}

TEST(FormatSetting, WritesWhatParseSettingReads) {
  EXPECT_EQ(format_setting(Unit::kTimestamp, 946'684'800'000'000'000U), "2000-01-01T00:00:00Z");
  EXPECT_EQ(format_setting(Unit::kTimestamp, 1'500'000'000U), "1970-01-01T00:00:01.5Z");
  for (const Unit unit : {Unit::kBytes, Unit::kNanoseconds, Unit::kCount, Unit::kTimestamp}) {
    for (const std::uint64_t value :
         {0ULL, 1ULL, 1023ULL, 65'536ULL, 1'000'000'001ULL, 951'868'799'000'000'000ULL}) {
      EXPECT_EQ(parse_setting(unit, true, format_setting(unit, value)).value(), value);
    }
    EXPECT_EQ(parse_setting(unit, true, format_setting(unit, std::nullopt)).value(), std::nullopt);
  }
}

}  // namespace
}  // namespace mimobox
