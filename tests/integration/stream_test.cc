// Arguments, environment, input and output of a guest.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/process_size.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

TEST(WasmSandboxArguments, ArriveBehindTheModulesFileName) {
  const Result<RunResult> result = run_guest(
      "args_env.wasm", {.args = {"one", "", "three words here", "--four"}}, {.default_env = false});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data,
            "arg:args_env.wasm\narg:one\narg:\narg:three words here\narg:--four\n");
}

TEST(WasmSandboxArguments, ProgramNameMayBeChosen) {
  const Result<RunResult> result =
      run_guest("args_env.wasm", {.program_name = "printer"}, {.default_env = false});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, "arg:printer\n");
}

TEST(WasmSandboxArguments, WithANulAreRefused) {
  const Result<RunResult> result = run_guest("args_env.wasm", {.args = {std::string("a\0b", 3)}});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
}

TEST(WasmSandboxArguments, AboveOneMebibyteAreRefused) {
  const Result<RunResult> result =
      run_guest("args_env.wasm", {.args = {std::string(kMiB + 1, 'a')}});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
}

TEST(WasmSandboxEnvironment, HoldsWhatTheConfigurationNamesInItsOrder) {
  const Result<RunResult> result =
      run_guest("args_env.wasm", {},
                {.default_env = false, .env = {{"B", "2"}, {"A", "1=1"}, {"EMPTY", ""}}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, "arg:args_env.wasm\nenv:B=2\nenv:A=1=1\nenv:EMPTY=\n");
}

TEST(WasmSandboxEnvironment, BeginsWithTheDefaultOneOfWhichNamesCanBeReplaced) {
  const Result<RunResult> result =
      run_guest("args_env.wasm", {}, {.env = {{"X", "1"}, {"TERM", "vt100"}}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data,
            "arg:args_env.wasm\nenv:HOME=/tmp\nenv:PATH=/usr/bin:/bin\nenv:SANDBOX=wasm\nenv:X=1\n"
            "env:TERM=vt100\n");
}

TEST(WasmSandboxEnvironment, OfTheHostIsNotInherited) {
  ::setenv("MIMOBOX_SECRET", "1", 1);
  const Result<RunResult> result = run_guest("args_env.wasm", {}, {.default_env = false});
  ::unsetenv("MIMOBOX_SECRET");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_THAT(result->out.data, Not(HasSubstr("env:")));
}

TEST(WasmSandboxEnvironment, BadNamesAndValuesAreRefused) {
  const SandboxConfig bad[] = {{.env = {{"", "x"}}},
                               {.env = {{"A=B", "x"}}},
                               {.env = {{std::string("A\0", 2), "x"}}},
                               {.env = {{"A", std::string("\0", 1)}}},
                               {.env = {{"A", "1"}, {"A", "2"}}},
                               {.env = {{"A", std::string(kMiB + 1, 'x')}}}};
  for (const SandboxConfig& config : bad) {
    const auto sandbox = WasmSandbox::create(shared_runtime(), config);
    ASSERT_FALSE(sandbox.has_value());
    EXPECT_EQ(sandbox.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(sandbox.error().message, HasSubstr("env"));
  }
}

TEST(WasmSandboxInput, IsAtItsEndByDefault) {
  const Result<RunResult> result = run_guest("echo_stdin.wasm");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->out.data, "");
}

TEST(WasmSandboxInput, BytesArriveUnchanged) {
  std::string data;
  for (int i = 0; i < 100'000; ++i)
    data += static_cast<char>(i % 251);
  const Result<RunResult> result = run_guest("echo_stdin.wasm", {.input = InputBytes{data}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_TRUE(result->out.data == data);
}

TEST(WasmSandboxInput, BytesCanBePolledFor) {
  const Result<RunResult> result = run_guest("poll_stdin.wasm", {.input = InputBytes{"z"}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, "got z\n");
}

TEST(WasmSandboxInput, DescriptorIsReadToItsEnd) {
  Pipe input;
  input.write("through a pipe");
  input.close_writer();
  const Result<RunResult> result =
      run_guest("echo_stdin.wasm", {.input = InputDescriptor{input.reader()}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, "through a pipe");
  EXPECT_GE(::fcntl(input.reader(), F_GETFD), 0) << "a borrowed descriptor was closed";
}

TEST(WasmSandboxInput, BadDescriptorIsRefused) {
  const Result<RunResult> result = run_guest("echo_stdin.wasm", {.input = InputDescriptor{-1}});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
}

TEST(WasmSandboxOutput, CaptureUpToItsLimitIsWhole) {
  const Result<RunResult> result =
      run_guest("flood_stdout.wasm", {.args = {"10000"}}, {.limits = {.stdout_bytes = 10'000}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->out.data, std::string(10'000, 'x'));
  EXPECT_EQ(result->out.total_bytes, 10'000U);
  EXPECT_FALSE(result->out.truncated);
}

TEST(WasmSandboxOutput, CaptureAboveItsLimitIsCutAndCounted) {
  const Result<RunResult> result =
      run_guest("flood_stdout.wasm", {.args = {"10001"}}, {.limits = {.stdout_bytes = 10'000}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U) << "the guest goes on";
  EXPECT_EQ(result->out.data.size(), 10'000U);
  EXPECT_EQ(result->out.total_bytes, 10'001U);
  EXPECT_TRUE(result->out.truncated);
}

TEST(WasmSandboxOutput, CaptureOfNothingCountsAll) {
  const Result<RunResult> result =
      run_guest("flood_stdout.wasm", {.args = {"5000"}}, {.limits = {.stdout_bytes = 0}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, "");
  EXPECT_EQ(result->out.total_bytes, 5000U);
  EXPECT_TRUE(result->out.truncated);
}

TEST(WasmSandboxOutput, StderrHasALimitOfItsOwn) {
  const Result<RunResult> result =
      run_guest("flood_stderr.wasm", {.args = {"101"}}, {.limits = {.stderr_bytes = 100}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->err.data, std::string(100, 'e'));
  EXPECT_EQ(result->err.total_bytes, 101U);
  EXPECT_TRUE(result->err.truncated);
}

TEST(WasmSandboxOutput, DescriptorGetsWhatTheGuestWrites) {
  const TemporaryFolder folder;
  const std::string path = folder.write("out", "").string();
  const int file = ::open(path.c_str(), O_RDWR);
  ASSERT_GE(file, 0);
  const Result<RunResult> result =
      run_guest("hello.wasm", {.output = OutputDescriptor{file}, .error = OutputDiscard{}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  char written[64] = {};
  EXPECT_EQ(::pread(file, written, sizeof written, 0), 21);
  EXPECT_STREQ(written, "hello from the guest\n");
  EXPECT_EQ(result->out.data, "");
  EXPECT_EQ(result->err.data, "");
  ::close(file);
}

TEST(WasmSandboxOutput, ReaderThatWentAwayIsAnErrorForTheGuestAndNoSignalForUs) {
  Pipe output;
  output.close_reader();
  const Result<RunResult> result =
      run_guest("flood_stdout.wasm", {.output = OutputDescriptor{output.writer()}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->exit_code, 4U);
}

TEST(WasmSandboxOutput, BoundsOfTheLimitsAreChecked) {
  EXPECT_TRUE((SandboxConfig{.limits = {.stdout_bytes = 1024 * kMiB}}.validate().has_value()));
  EXPECT_FALSE((SandboxConfig{.limits = {.stdout_bytes = 1024 * kMiB + 1}}.validate().has_value()));
  EXPECT_TRUE((SandboxConfig{.limits = {.stderr_bytes = 1024 * kMiB}}.validate().has_value()));
  EXPECT_FALSE((SandboxConfig{.limits = {.stderr_bytes = 1024 * kMiB + 1}}.validate().has_value()));
}

TEST(WasmSandboxFiles, AreNotThereForAGuestThatWasGrantedNone) {
  const Result<RunResult> result = run_guest("open_file.wasm");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->out.data, "all refused\n");
}

TEST(WasmSandboxHost, GivesRandomBytesAndClocks) {
  const Result<RunResult> result = run_guest("random_clock.wasm");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
}

TEST(WasmSandboxHost, AnswersAGuestWithoutMemory) {
  const Result<RunResult> result = run_guest("no_memory.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->exit_code, 0U) << "fd_write must fail, since nothing can be read";
}

// Captured, dropped and passed to a function: nothing of it stays but what the limit keeps.
TEST(WasmSandboxOutput, OfAGigabyteLeavesTheHostsMemoryFlat) {
  const Module module = load_guest("flood_stdout.wasm");
  const auto sandbox = make_sandbox();
  const std::string gigabyte = std::to_string(1U << 30);
  ASSERT_TRUE(sandbox->execute(module, {.args = {"5000000"}}).has_value());
  const std::size_t before = resident_bytes();
  std::size_t most = 0;
  std::uint64_t taken = 0;
  const Output outputs[] = {OutputCapture{}, OutputDiscard{},
                            OutputCallback{[&](std::span<const std::byte> bytes) {
                              taken += bytes.size();
                              if (taken % (64U << 20) == 0) most = std::max(most, resident_bytes());
                            }}};
  for (const Output& output : outputs) {
    const auto result = sandbox->execute(module, {.args = {gigabyte}, .output = output});
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->exit_code, 0U);
    EXPECT_EQ(result->out.total_bytes, 1U << 30);
    EXPECT_LE(result->out.data.size(), 4 * kMiB);
    most = std::max(most, resident_bytes());
  }
  EXPECT_EQ(taken, 1U << 30);
  EXPECT_LT(most, before + 32 * kMiB);
}

}  // namespace
}  // namespace mimobox::testing
