#include "mimobox/settings.h"

#include <limits>
#include <set>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mimobox {
namespace {

using ::testing::HasSubstr;

// A structured binding names every field: a new one that has no row does not compile here.
TEST(LimitSettings, HaveARowForEachFieldInItsOrder) {
  const auto& [memory, tables, elements, wall, cpu, fuel, out, err, stack, written, file, created,
               open] = Limits{};
  static_cast<void>(memory), static_cast<void>(tables), static_cast<void>(elements);
  static_cast<void>(wall), static_cast<void>(cpu), static_cast<void>(fuel), static_cast<void>(out);
  static_cast<void>(err), static_cast<void>(stack), static_cast<void>(written);
  static_cast<void>(file), static_cast<void>(created), static_cast<void>(open);
  std::vector<std::string_view> fields;
  for (const auto& setting : limit_settings())
    fields.push_back(setting.field);
  EXPECT_THAT(fields, ::testing::ElementsAre("memory_bytes", "tables", "table_elements",
                                             "wall_time", "cpu_time", "fuel", "stdout_bytes",
                                             "stderr_bytes", "stack_bytes", "written_bytes",
                                             "file_bytes", "created_files", "open_descriptors"));
}

TEST(DeterminismSettings, HaveARowForEachFieldInItsOrder) {
  const auto& [seed, start_time] = Determinism{};
  static_cast<void>(seed), static_cast<void>(start_time);
  std::vector<std::string_view> fields;
  for (const auto& setting : determinism_settings())
    fields.push_back(setting.field);
  EXPECT_THAT(fields, ::testing::ElementsAre("seed", "start_time"));
}

TEST(LimitSettings, HaveNamesOfTheirOwn) {
  std::set<std::string_view> options;
  std::set<std::string_view> keys;
  for (const auto& setting : limit_settings()) {
    EXPECT_TRUE(options.insert(setting.option).second) << setting.field;
    EXPECT_TRUE(keys.insert(setting.policy_key).second) << setting.field;
    EXPECT_FALSE(setting.help.empty()) << setting.field;
  }
}

TEST(LimitSettings, DefaultsAreAllowed) {
  for (const auto& setting : limit_settings()) {
    EXPECT_TRUE(setting.check(setting.get(Limits{})).has_value()) << setting.field;
  }
  EXPECT_TRUE(SandboxConfig{}.validate().has_value());
}

/// What `validate()` says of a configuration with this one value.
template <class Owner>
std::string complaint(const Setting<Owner>& setting, std::optional<std::uint64_t> value) {
  Result<void> valid;
  if constexpr (std::is_same_v<Owner, Limits>) {
    SandboxConfig config;
    setting.set(config.limits, value);
    valid = config.validate();
  } else if constexpr (std::is_same_v<Owner, Determinism>) {
    SandboxConfig config;
    setting.set(config.determinism.emplace(), value);
    valid = config.validate();
  } else {
    RuntimeConfig config;
    setting.set(config, value);
    valid = config.validate();
  }
  if (valid) return "";
  EXPECT_EQ(valid.error().code, ErrorCode::kInvalidConfig);
  return valid.error().message;
}

template <class Owner>
void expect_bounds_hold(std::span<const Setting<Owner>> settings) {
  for (const auto& setting : settings) {
    EXPECT_EQ(complaint(setting, setting.minimum), "") << setting.field;
    EXPECT_EQ(complaint(setting, setting.maximum), "") << setting.field;
    for (const std::uint64_t choice : setting.choices) {
      EXPECT_EQ(complaint(setting, choice), "") << setting.field;
      EXPECT_THAT(complaint(setting, choice + 1), HasSubstr(setting.field));
    }
    if (setting.minimum > 0) {
      EXPECT_THAT(complaint(setting, setting.minimum - 1), HasSubstr(setting.field));
    }
    if (setting.maximum == std::numeric_limits<std::uint64_t>::max()) continue;
    EXPECT_THAT(complaint(setting, setting.maximum + 1), HasSubstr(setting.field));
    EXPECT_THAT(complaint(setting, setting.maximum + 1), HasSubstr(setting.allowed()));
    if (setting.may_be_none()) {
      EXPECT_EQ(complaint(setting, std::nullopt), "") << setting.field;
    }
  }
}

TEST(LimitSettings, BoundsAreThoseOfValidate) {
  expect_bounds_hold(limit_settings());
}

TEST(RuntimeSettings, BoundsAreThoseOfValidate) {
  expect_bounds_hold(runtime_settings());
}

TEST(DeterminismSettings, BoundsAreThoseOfValidate) {
  expect_bounds_hold(determinism_settings());
}

template <class Owner>
void expect_choices_hold(std::span<const Choice<Owner>> choices) {
  for (const Choice<Owner>& choice : choices) {
    Owner owner;
    for (std::size_t i = 0; i < choice.words.size(); ++i) {
      choice.set(owner, i);
      EXPECT_EQ(choice.get(owner), i) << choice.field;
      EXPECT_EQ(choice.find(choice.words[i]), i) << choice.field;
      EXPECT_THAT(choice.allowed(), HasSubstr(std::string(choice.words[i])));
      EXPECT_TRUE(owner.validate().has_value()) << choice.field;
    }
    EXPECT_EQ(choice.find("no word"), std::nullopt);
    EXPECT_FALSE(choice.help.empty());

    choice.set(owner, choice.words.size());
    const Result<void> valid = owner.validate();
    ASSERT_FALSE(valid.has_value()) << choice.field;
    EXPECT_EQ(valid.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(valid.error().message, HasSubstr(std::string(choice.field)));
    EXPECT_THAT(valid.error().message, HasSubstr(choice.allowed()));
  }
}

TEST(Choices, SetWhatTheirWordsSayAndNothingElse) {
  expect_choices_hold(sandbox_choices());
  expect_choices_hold(runtime_choices());
  SandboxConfig config;
  sandbox_choices().front().set(config, *sandbox_choices().front().find("end"));
  EXPECT_EQ(config.on_stdout_limit, OnOutputLimit::kEndRun);
}

TEST(SandboxConfigCheck, RefusesAnAccessThatIsNone) {
  const SandboxConfig config{.mounts = {{.host_path = "/x", .access = static_cast<Access>(2)}}};
  ASSERT_FALSE(config.validate().has_value());
  EXPECT_THAT(config.validate().error().message, HasSubstr("mounts[0]: access"));
}

TEST(LimitSettings, NegativeTimesAreCalledThat) {
  const auto valid =
      SandboxConfig{.limits = {.wall_time = std::chrono::nanoseconds{-1}}}.validate();
  ASSERT_FALSE(valid.has_value());
  EXPECT_EQ(valid.error().message, "wall_time is negative; allowed: above 0, at most 24h, or none");
}

}  // namespace
}  // namespace mimobox
