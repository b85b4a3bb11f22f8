// A compile helper that is not what it should be: it dies, hangs, garbles its reply or lies.
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "engine/engine.h"
#include "sandbox/helper_protocol.h"

namespace mimobox::internal {
namespace {

constexpr std::chrono::seconds kLongerThanAnyShellTakes{30};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Helpers that are scripts in a folder of the test's own.
class Attack52 : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "mimobox_helper_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Compiles with a helper that does this.
  Result<void> compile_with(const std::string& script,
                            std::chrono::nanoseconds timeout = kLongerThanAnyShellTakes) {
    const std::filesystem::path helper = folder_ / ("helper" + std::to_string(++helpers_));
    std::ofstream(helper) << "#!/bin/sh\n" << script << "\n";
    ::chmod(helper.c_str(), S_IRWXU);
    RuntimeConfig config{.compile_timeout = timeout,
                         .disk_cache = false,
                         .compile_helper = helper,
                         .interrupt = Interrupt::kEpoch};
    const Runtime runtime = Runtime::create(config).value();
    // A module of the helper's conversion would be asked for first: this is binary.
    const Module module = runtime.load_bytes(bytes_of({"\0asm\1\0\0\0", 8})).value();
    return runtime.compile(module, {});
  }
  /// Compiles with one that replies with these bytes.
  Result<void> compile_with_reply(const std::vector<std::byte>& header, std::string_view rest) {
    const std::filesystem::path reply = folder_ / "reply";
    std::ofstream(reply, std::ios::binary)
        << std::string_view(reinterpret_cast<const char*>(header.data()), header.size()) << rest;
    return compile_with("exec /bin/cat '" + reply.native() + "'");
  }

 private:
  std::filesystem::path folder_;
  int helpers_ = 0;
};

TEST_F(Attack52, AHelperThatDiesOrHangsIsAnError) {
  for (const char* signal : {"KILL", "ABRT", "SEGV"}) {
    const auto compiled = compile_with(std::string("kill -") + signal + " $$");
    ASSERT_FALSE(compiled.has_value()) << signal;
    EXPECT_EQ(compiled.error().code, ErrorCode::kResourceExhausted) << compiled.error().message;
  }
  const auto failed = compile_with("exit 3");
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::kInvalidConfig) << failed.error().message;
  const auto hung = compile_with("exec /bin/sleep 1000", std::chrono::milliseconds{100});
  ASSERT_FALSE(hung.has_value());
  EXPECT_EQ(hung.error().code, ErrorCode::kCompileTimeout) << hung.error().message;
}

TEST_F(Attack52, AReplyThatIsCutOrGarbledIsAnError) {
  HelperReply good;
  good.settings = base::sha256(
      (*engine::Engine::create({.code = {}, .stack_bytes = Limits{}.stack_bytes}, {}))->settings());
  const std::vector<std::byte> header = encode(good);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, header.size() - 1}) {
    const auto cut =
        compile_with_reply({header.begin(), header.begin() + static_cast<int>(size)}, "");
    ASSERT_FALSE(cut.has_value()) << size;
    EXPECT_EQ(cut.error().code, ErrorCode::kInvalidConfig) << cut.error().message;
  }
  // The magic, an error that does not exist, other settings.
  for (const std::size_t place : {std::size_t{0}, std::size_t{11}, std::size_t{12}}) {
    std::vector<std::byte> garbled = header;
    garbled[place] ^= std::byte{0x80};
    const auto refused = compile_with_reply(garbled, "rest");
    ASSERT_FALSE(refused.has_value()) << place;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidConfig) << refused.error().message;
  }
}

TEST_F(Attack52, AReplyThatIsNoCodeIsAnError) {
  HelperReply reply;
  reply.settings = base::sha256(
      (*engine::Engine::create({.code = {}, .stack_bytes = Limits{}.stack_bytes}, {}))->settings());
  for (const std::string& lie : {std::string(), std::string(1, 'x'), std::string(100'000, '\0')}) {
    const auto compiled = compile_with_reply(encode(reply), lie);
    EXPECT_FALSE(compiled.has_value()) << lie.size();
  }
  // An error of its own is told as one.
  reply.error = ErrorCode::kModuleInvalid;
  const auto refused = compile_with_reply(encode(reply), "what it says");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kModuleInvalid);
  EXPECT_NE(refused.error().message.find("what it says"), std::string::npos);
}

}  // namespace
}  // namespace mimobox::internal
