#include "mimobox/policy.h"

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/settings.h"

namespace mimobox {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Policy parsed(std::string_view text) {
  const auto policy = parse_policy(text);
  EXPECT_TRUE(policy.has_value()) << policy.error().message << "\n" << text;
  return policy.value_or(Policy{});
}

std::string error_of(std::string_view text) {
  const auto policy = parse_policy(text, "p");
  return policy ? "" : policy.error().message;
}

void expect_same(const Policy& a, const Policy& b) {
  EXPECT_EQ(a.sandbox, b.sandbox);
  for (const auto& setting : runtime_settings())
    EXPECT_EQ(setting.get(a.runtime), setting.get(b.runtime)) << setting.field;
  for (const auto& choice : runtime_choices())
    EXPECT_EQ(choice.get(a.runtime), choice.get(b.runtime)) << choice.field;
}

TEST(ParsePolicy, TakesNothingAsTheDefaults) {
  expect_same(parsed(""), Policy{});
  expect_same(parsed("# nothing\n[limits]\n[runtime]\n"), Policy{});
}

/// Each value that a row has bounds for, written as the command does and, where there is such a
/// thing, as a bare number.
template <class Owner, class Get>
void expect_rows_read(std::span<const Setting<Owner>> settings, std::string_view around, Get get) {
  for (const Setting<Owner>& setting : settings) {
    const auto dot = setting.policy_key.find('.');
    const std::string head = around.empty()
                                 ? "[" + std::string(setting.policy_key.substr(0, dot)) + "]\n"
                                 : std::string(around);
    const std::string key = std::string(setting.policy_key.substr(dot + 1)) + " = ";
    for (const std::uint64_t value : {setting.minimum, setting.maximum}) {
      const Policy policy = parsed(head + key + "\"" + format_setting(setting.unit, value) + "\"");
      EXPECT_EQ(setting.get(get(policy)), value) << setting.field;
      const bool bare = setting.unit == Unit::kBytes || setting.unit == Unit::kCount;
      if (!bare || value > std::uint64_t{1} << 62U) continue;
      EXPECT_EQ(setting.get(get(parsed(head + key + std::to_string(value)))), value);
    }
    if (setting.minimum > 0) {
      const std::string below = format_setting(setting.unit, setting.minimum - 1);
      EXPECT_THAT(error_of(head + key + "\"" + below + "\""), HasSubstr(setting.allowed()));
    }
    if (setting.may_be_none()) {
      EXPECT_EQ(setting.get(get(parsed(head + key + "\"none\""))), std::nullopt) << setting.field;
    } else {
      EXPECT_THAT(error_of(head + key + "\"none\""), HasSubstr(setting.policy_key));
    }
  }
}

TEST(ParsePolicy, TakesEachRowOfTheTables) {
  expect_rows_read(limit_settings(), "", [](const Policy& p) { return p.sandbox.limits; });
  expect_rows_read(runtime_settings(), "", [](const Policy& p) { return p.runtime; });
  expect_rows_read(determinism_settings(), "",
                   [](const Policy& p) { return p.sandbox.determinism.value(); });
  expect_rows_read(scratch_settings(), "[[scratch]]\n",
                   [](const Policy& p) { return p.sandbox.scratch.at(0); });
}

template <class Choices, class Get>
void expect_choices_read(Choices choices, Get get) {
  for (const auto& choice : choices) {
    for (std::size_t i = 0; i < choice.words.size(); ++i) {
      const std::string text =
          std::string(choice.policy_key) + " = \"" + std::string(choice.words[i]) + "\"";
      EXPECT_EQ(choice.get(get(parsed(text))), i) << text;
    }
  }
}

TEST(ParsePolicy, TakesEachChoice) {
  expect_choices_read(sandbox_choices(), [](const Policy& p) { return p.sandbox; });
  expect_choices_read(runtime_choices(), [](const Policy& p) { return p.runtime; });
}

TEST(ParsePolicy, TakesListsInTheirOrder) {
  const Policy policy = parsed(R"(
default_env = false
env = ["B=2", "A=1=x", "E="]
mounts = [{ host = "/in" }]

[[scratch]]
[[scratch]]
guest = "/two"
)");
  EXPECT_FALSE(policy.sandbox.default_env);
  EXPECT_THAT(policy.sandbox.env,
              ::testing::ElementsAre(::testing::Pair("B", "2"), ::testing::Pair("A", "1=x"),
                                     ::testing::Pair("E", "")));
  EXPECT_EQ(policy.sandbox.mounts, std::vector{Mount{.host_path = "/in"}});
  EXPECT_EQ(policy.sandbox.scratch, (std::vector{Scratch{}, Scratch{.guest_path = "/two"}}));
}

TEST(ParsePolicy, TakesWhatAMountSays) {
  const Policy policy = parsed(R"(
[[mounts]]
host = "data"
guest = "/data"
access = "read-write"
cross_devices = false
)");
  EXPECT_EQ(policy.sandbox.mounts, std::vector{(Mount{.host_path = "data",
                                                      .guest_path = "/data",
                                                      .access = Access::kReadWrite,
                                                      .cross_devices = false})});
}

TEST(ParsePolicy, ATableOfDeterminismAloneTurnsItOn) {
  EXPECT_EQ(parsed("").sandbox.determinism, std::nullopt);
  EXPECT_EQ(parsed("[determinism]\n").sandbox.determinism, Determinism{});
}

TEST(ParsePolicy, TakesMomentsAsTomlHasThem) {
  const auto start = [](std::string_view value) {
    return parsed("[determinism]\nstart_time = " + std::string(value))
        .sandbox.determinism->start_time;
  };
  EXPECT_EQ(start("1970-01-01T00:00:01.5Z"), std::chrono::milliseconds{1500});
  EXPECT_EQ(start("1970-01-01T02:00:01+02:00"), std::chrono::seconds{1});
  EXPECT_EQ(start("\"1970-01-01T00:00:01Z\""), std::chrono::seconds{1});
}

TEST(ParsePolicy, Attack58RefusesWhatIsNestedWithoutEnd) {
  const auto repeated = [](std::string_view part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i)
      text += part;
    return text;
  };
  constexpr std::size_t kMany = 500'000;
  EXPECT_EQ(error_of("default_env = true\n" + repeated("a.", kMany) + "a = 1"),
            "p:2:1: a key has far more parts than any has");
  EXPECT_EQ(error_of("[" + repeated("\"\".", kMany) + "a]"),
            "p:1:1: a key has far more parts than any has");
  EXPECT_THAT(error_of("env = " + repeated("[", kMany)), StartsWith("p:1:"));
  EXPECT_THAT(error_of("env = " + repeated("{a=", kMany)), StartsWith("p:1:"));
  EXPECT_THAT(error_of("env = [" + repeated("\"A=\\\"...................\",", 10'000) + "]"),
              HasSubstr("A stands twice"));
}

TEST(ParsePolicy, Attack58RefusesWhatIsTooLarge) {
  EXPECT_EQ(error_of(std::string(kMaxPolicyBytes + 1, '\n')),
            "p:1:1: a policy has at most 4194304 bytes");
  EXPECT_EQ(error_of(std::string(kMaxPolicyBytes, '\n')), "");
}

class LoadPolicy : public ::testing::Test {
 protected:
  LoadPolicy() {
    std::string name = (std::filesystem::temp_directory_path() / "mimobox-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) folder_ = name;
  }
  ~LoadPolicy() override { std::filesystem::remove_all(folder_); }
  LoadPolicy(const LoadPolicy&) = delete;
  LoadPolicy& operator=(const LoadPolicy&) = delete;

  static std::string error_of(const std::filesystem::path& path) {
    const auto policy = load_policy(path);
    EXPECT_EQ(policy.error().code, ErrorCode::kInvalidConfig);
    return policy.error().message;
  }

  std::filesystem::path folder_;
};

TEST_F(LoadPolicy, ReadsAFileAndNamesIt) {
  const auto path = folder_ / "mine.toml";
  std::ofstream(path) << "limits.memory = \"1M\"\n";
  EXPECT_EQ(load_policy(path)->sandbox.limits.memory_bytes, 1U << 20U);
  std::ofstream(path) << "limits.memory = 1\n";
  EXPECT_THAT(error_of(path), StartsWith(path.string() + ":1:17: limits.memory: "));
}

TEST_F(LoadPolicy, Attack58RefusesWhatIsNoFile) {
  const auto fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(error_of(fifo), HasSubstr("it is not a regular file"));
  EXPECT_THAT(error_of(folder_), HasSubstr("it is not a regular file"));
  EXPECT_THAT(error_of("/dev/zero"), HasSubstr("it is not a regular file"));
  EXPECT_THAT(error_of(folder_ / "none"), HasSubstr("No such file"));
}

TEST_F(LoadPolicy, Attack58RefusesAFileOf100Megabytes) {
  const auto path = folder_ / "large";
  std::ofstream(path).put('#');
  std::filesystem::resize_file(path, 100'000'000);
  EXPECT_THAT(error_of(path), HasSubstr("it is larger than 4194304 bytes"));
}

TEST(FormatPolicy, IsReadBackAsTheSame) {
  Policy policy;
  policy.sandbox.env = {{"A", "quote \" slash \\ line \n tab \t bell \a del \x7f \xC3\xA9"},
                        {"B", ""}};
  policy.sandbox.mounts = {
      {.host_path = "a b", .guest_path = "/\"x\"", .access = Access::kReadWrite},
      {.host_path = "/c", .cross_devices = false}};
  policy.sandbox.scratch = {{}, {.guest_path = "/s", .bytes = 65'537, .files = 3}};
  policy.sandbox.determinism = {.seed = ~std::uint64_t{0},
                                .start_time = std::chrono::nanoseconds{1'500'000'001}};
  expect_same(parsed(format_policy(policy)), policy);
  expect_same(parsed(format_policy({})), {});
}

// Structured bindings name every field: a new one, of which a policy may know nothing, does not
// compile here.
TEST(FormatPolicy, TellsEachFieldOfASandbox) {
  const SandboxConfig config{.limits = {.fuel = 1},
                             .on_stdout_limit = OnOutputLimit::kEndRun,
                             .on_stderr_limit = OnOutputLimit::kKeepHeadAndTail,
                             .on_memory_denied = OnMemoryDenied::kEndRun,
                             .default_env = false,
                             .env = {{"A", "b"}},
                             .mounts = {{.host_path = "/a",
                                         .guest_path = "/b",
                                         .access = Access::kReadWrite,
                                         .cross_devices = false}},
                             .scratch = {{.guest_path = "/c", .bytes = 65'537, .files = 1}},
                             .determinism = Determinism{.seed = 1}};
  const auto& [limits, out, err, denied, default_env, env, mounts, scratch, determinism] = config;
  const SandboxConfig other;
  EXPECT_NE(limits, other.limits);
  EXPECT_NE(out, other.on_stdout_limit);
  EXPECT_NE(err, other.on_stderr_limit);
  EXPECT_NE(denied, other.on_memory_denied);
  EXPECT_NE(default_env, other.default_env);
  EXPECT_NE(env, other.env);
  EXPECT_NE(determinism, other.determinism);
  const auto& [host, guest, access, cross_devices] = mounts.at(0);
  EXPECT_NE(guest, host);
  EXPECT_NE(access, Mount{}.access);
  EXPECT_NE(cross_devices, Mount{}.cross_devices);
  const auto& [name, bytes, files] = scratch.at(0);
  EXPECT_NE(name, Scratch{}.guest_path);
  EXPECT_NE(bytes, Scratch{}.bytes);
  EXPECT_NE(files, Scratch{}.files);
  EXPECT_EQ(parsed(format_policy({.sandbox = config})).sandbox, config);
}

/// Every number and word at another value than the default.
TEST(FormatPolicy, TellsEachRowOfTheTables) {
  const auto other = [](const auto& setting, auto& owner) {
    const auto value = setting.get(owner) == setting.maximum ? setting.minimum : setting.maximum;
    setting.set(owner, value);
  };
  Policy policy;
  for (const auto& setting : limit_settings())
    other(setting, policy.sandbox.limits);
  for (const auto& setting : runtime_settings())
    other(setting, policy.runtime);
  for (const auto& setting : determinism_settings()) {
    if (!policy.sandbox.determinism) policy.sandbox.determinism.emplace();
    other(setting, *policy.sandbox.determinism);
  }
  for (const auto& choice : sandbox_choices())
    choice.set(policy.sandbox, choice.words.size() - 1);
  for (const auto& choice : runtime_choices())
    choice.set(policy.runtime, choice.words.size() - 1);
  expect_same(parsed(format_policy(policy)), policy);
}

TEST(PolicyPresets, AreReadBackAsTheyArePrinted) {
  std::set<std::string_view> names;
  for (const PolicyPreset& preset : policy_presets()) {
    SCOPED_TRACE(preset.name);
    EXPECT_TRUE(names.insert(preset.name).second);
    EXPECT_FALSE(preset.description.empty());
    const Policy policy = preset.make();
    EXPECT_TRUE(policy.sandbox.validate().has_value());
    expect_same(parsed(format_policy(policy)), policy);
    expect_same(find_policy_preset(preset.name).value(), policy);
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"strict", "agent", "judge"}));
  EXPECT_FALSE(find_policy_preset("other").has_value());
}

}  // namespace
}  // namespace mimobox
