// Loading modules, what is refused, and that what runs is what was read.
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

std::string contents_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

ErrorCode load_error(const std::filesystem::path& path) {
  const Result<Module> module = shared_runtime().load(path);
  EXPECT_FALSE(module.has_value()) << path;
  if (module) return ErrorCode::kInternal;
  EXPECT_FALSE(module.error().message.empty());
  return module.error().code;
}

TEST(RuntimeLoad, TellsNameDigestAndSize) {
  const TemporaryFolder folder;
  const Module module =
      shared_runtime().load(folder.write("tiny.wasm", std::string("\0asm\1\0\0\0", 8))).value();
  EXPECT_EQ(module.name(), "tiny.wasm");
  EXPECT_EQ(module.size_bytes(), 8U);
  EXPECT_EQ(module.digest(), "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476");
  EXPECT_EQ(module.compile_count(), 0U);
}

TEST(RuntimeLoad, OfAMissingFileIsNotFound) {
  const TemporaryFolder folder;
  const Result<Module> module = shared_runtime().load(folder.path("missing.wasm"));
  ASSERT_FALSE(module.has_value());
  EXPECT_EQ(module.error().code, ErrorCode::kModuleNotFound);
  EXPECT_EQ(module.error().os_errno, ENOENT);
  EXPECT_THAT(module.error().message, HasSubstr("missing.wasm"));
}

TEST(RuntimeLoad, BelowAFileIsNotFound) {
  const TemporaryFolder folder;
  folder.write("file", "");
  EXPECT_EQ(load_error(folder.path("file/module.wasm")), ErrorCode::kModuleNotFound);
}

TEST(RuntimeLoad, OfAFolderIsUnreadable) {
  const TemporaryFolder folder;
  EXPECT_EQ(load_error(folder.path("")), ErrorCode::kModuleUnreadable);
}

TEST(RuntimeLoad, OfAnythingButAModuleIsInvalid) {
  const TemporaryFolder folder;
  EXPECT_EQ(load_error(folder.write("empty", "")), ErrorCode::kModuleInvalid);
  EXPECT_EQ(load_error(folder.write("text", "just words")), ErrorCode::kModuleInvalid);
  EXPECT_EQ(load_error(folder.write("script", "#!/bin/sh\n")), ErrorCode::kModuleInvalid);
  const std::string hello = contents_of(guest_path("hello.wasm"));
  EXPECT_EQ(load_error(folder.write("half", hello.substr(0, hello.size() / 2))),
            ErrorCode::kModuleInvalid);
}

TEST(RuntimeLoad, OfAComponentIsInvalid) {
  const TemporaryFolder folder;
  EXPECT_EQ(load_error(folder.write("component", std::string("\0asm\x0d\0\1\0", 8))),
            ErrorCode::kModuleInvalid);
}

TEST(RuntimeLoad, TakesFilesUpToTheSizeLimitAndNoLarger) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.write("sparse", "");
  std::filesystem::resize_file(file, kMaxModuleBytes + 1);
  EXPECT_EQ(load_error(file), ErrorCode::kModuleTooLarge);
  std::filesystem::resize_file(file, kMaxModuleBytes);
  EXPECT_EQ(load_error(file), ErrorCode::kModuleInvalid) << "zeros, but not too many";
}

struct SwitchedOff {
  const char* proposal;
  const char* text;
};

TEST(RuntimeLoad, RefusesSwitchedOffProposalsByName) {
  const SwitchedOff modules[] = {
      {"memory64", "(module (memory i64 1))"},
      {"multi-memory", "(module (memory 1) (memory 1))"},
      {"threads", "(module (memory 1 1 shared))"},
      {"threads",
       "(module (memory 1) (func (drop (i32.atomic.load (i32.const 0) (i32.const 0)))))"},
      {"gc", "(module (type (struct)))"},
      {"gc", "(module (func (drop (ref.i31 (i32.const 1)))))"},
      {"function-references", "(module (type $f (func)) (func (param (ref $f))))"},
      {"function-references", "(module (type $f (func)) (func (call_ref $f (ref.null $f))))"},
      {"exceptions", "(module (tag))"},
      {"custom-page-sizes", "(module (memory 1 (pagesize 1)))"},
      {"wide-arithmetic",
       "(module (func (param i64) (drop (drop (i64.mul_wide_u (local.get 0) (local.get 0))))))"},
  };
  for (const auto& [proposal, text] : modules) {
    const Result<Module> module = load_text(text);
    ASSERT_FALSE(module.has_value()) << text;
    if (module.error().code == ErrorCode::kModuleInvalid) continue;  // the text is not known either
    EXPECT_EQ(module.error().code, ErrorCode::kUnsupportedFeature) << text;
    EXPECT_THAT(module.error().message, HasSubstr(proposal)) << text;
  }
}

TEST(RuntimeLoad, RefusesTextThatIsTooLargeToConvert) {
  const std::string text = "(module)" + std::string(kMaxTextModuleBytes - 7, ' ');
  const Result<Module> module = load_text(text);
  ASSERT_FALSE(module.has_value());
  EXPECT_EQ(module.error().code, ErrorCode::kModuleTooLarge);
  EXPECT_TRUE(load_text(text.substr(0, kMaxTextModuleBytes)).has_value());
}

TEST(RuntimeLoad, KeepsMessagesShortWhateverTheModuleHolds) {
  const Result<Module> module = load_text("(module " + std::string(1'000'000, 'x') + ")");
  ASSERT_FALSE(module.has_value());
  EXPECT_LT(module.error().message.size(), 1000U);
}

TEST(WasmSandboxTable, AboveTheBoundIsRefusedByName) {
  const auto module = load_text("(module (table 1048577 funcref) (func (export \"_start\")))");
  const auto result = make_sandbox()->execute(*module);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kModuleTooLarge);
  EXPECT_THAT(result.error().message, HasSubstr("1048577"));
  const auto fits = load_text("(module (table 1048576 funcref) (func (export \"_start\")))");
  EXPECT_TRUE(make_sandbox()->execute(*fits).has_value());
}

TEST(Module, TellsWhatItNeeds) {
  const Module module = load_guest("hello.wasm");
  const ModuleInfo& info = module.info();
  EXPECT_EQ(info.entry_point, "_start");
  EXPECT_THAT(info.wasi_functions, ::testing::Contains("fd_write"));
  EXPECT_TRUE(info.refusals.empty());
  ASSERT_EQ(info.memories.size(), 1U);
  EXPECT_GE(info.memories[0].min_pages, 1U);
}

TEST(RuntimeLoadBytes, TakesTheTextFormat) {
  const Result<Module> module = load_text("(module (func (export \"_start\")))");
  ASSERT_TRUE(module.has_value()) << module.error().message;
  const Result<RunResult> result = make_sandbox()->execute(*module);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
}

TEST(RuntimeLoadBytes, GivesTheNameToTheGuest) {
  const std::string bytes = contents_of(guest_path("args_env.wasm"));
  const Result<Module> module = shared_runtime().load_bytes(bytes_of(bytes), "given");
  ASSERT_TRUE(module.has_value()) << module.error().message;
  const Result<RunResult> result = make_sandbox({.default_env = false})->execute(*module);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, "arg:given\n");
}

TEST(RuntimeLoad, RunsWhatWasReadAlthoughTheFileWasReplacedSince) {
  const TemporaryFolder folder;
  const auto path = folder.write("module.wasm", contents_of(guest_path("hello.wasm")));
  const Module module = shared_runtime().load(path).value();
  folder.write("module.wasm", contents_of(guest_path("unreachable.wat")));
  const Result<RunResult> result = make_sandbox()->execute(module);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->out.data, "hello from the guest\n");
}

TEST(RuntimeLoad, RunsWhatWasReadAlthoughTheFileIsGone) {
  const TemporaryFolder folder;
  const auto path = folder.write("module.wasm", contents_of(guest_path("hello.wasm")));
  const Module module = shared_runtime().load(path).value();
  std::filesystem::rename(path, folder.path("elsewhere"));
  std::filesystem::remove(folder.path("elsewhere"));
  const Result<RunResult> result = make_sandbox()->execute(module);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, "hello from the guest\n");
}

struct Refusal {
  const char* guest;
  ErrorCode code;
  const char* named;  // what the message must name
};

// Test lists show a case by its guest.
[[maybe_unused]] void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.guest;
}

class WasmSandboxRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(WasmSandboxRefusal, NamesWhy) {
  const std::string guest = GetParam().guest;
  const Result<RunResult> result =
      make_sandbox()->execute(std::vector<std::string>{guest_path(guest).string()});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, GetParam().code) << result.error().message;
  EXPECT_THAT(result.error().message, HasSubstr(GetParam().named));
  EXPECT_THAT(result.error().message, HasSubstr(guest));
}

INSTANTIATE_TEST_SUITE_P(
    Guests, WasmSandboxRefusal,
    ::testing::Values(Refusal{"no_start.wat", ErrorCode::kNoEntryPoint, "_start"},
                      Refusal{"start_with_parameter.wat", ErrorCode::kNoEntryPoint, "_start"},
                      Refusal{"unknown_import.wat", ErrorCode::kUnsupportedImport, "launch_rocket"},
                      Refusal{"wrong_signature.wat", ErrorCode::kUnsupportedImport, "proc_exit"}),
    [](const auto& parameter) {
      const std::string name = parameter.param.guest;
      return name.substr(0, name.find('.'));
    });

TEST(WasmSandboxCommand, LoadsAndRunsWithArguments) {
  const std::vector<std::string> command = {guest_path("args_env.wasm").string(), "one", "two"};
  const Result<RunResult> result = make_sandbox({.default_env = false})->execute(command);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, "arg:args_env.wasm\narg:one\narg:two\n");
}

TEST(WasmSandboxCommand, WithoutAnElementIsAnError) {
  const Result<RunResult> result = make_sandbox()->execute(std::vector<std::string>{});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kEmptyCommand);
}

TEST(WasmSandboxCommand, OfAMissingFileIsNotFound) {
  const TemporaryFolder folder;
  const std::vector<std::string> command = {folder.path("missing.wasm").string()};
  const Result<RunResult> result = make_sandbox()->execute(command);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kModuleNotFound);
}

TEST(WasmSandboxEntryPoint, MainReturnsTheExitCode) {
  const Result<RunResult> result = run_guest("main_code.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 300U);
}

TEST(WasmSandboxEntryPoint, InitializeIsCalledBeforeMain) {
  const Result<RunResult> result = run_guest("main_void.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->exit_code, 0U);
}

TEST(WasmSandboxEntryPoint, StartComesBeforeMain) {
  const auto module = load_text(R"((module (func (export "main") (result i32) i32.const 9)
                                           (func (export "_start"))))");
  ASSERT_TRUE(module.has_value());
  EXPECT_EQ(make_sandbox()->execute(*module)->exit_code, 0U);
}

TEST(WasmSandboxEntryPoint, MainsOfOtherTypesAreNone) {
  for (const char* const main :
       {"(func (export \"main\") (param i32))", "(func (export \"main\") (result i64) i64.const 0)",
        "(func (export \"main\") (result i32 i32) i32.const 0 i32.const 0)",
        "(memory (export \"main\") 1)", "(func (export \"_start\") (param i32))"}) {
    const auto module = load_text("(module " + std::string(main) + ")");
    ASSERT_TRUE(module.has_value()) << main;
    const auto result = make_sandbox()->execute(*module);
    ASSERT_FALSE(result.has_value()) << main;
    EXPECT_EQ(result.error().code, ErrorCode::kNoEntryPoint) << main;
  }
}

TEST(Module, OfAnotherRuntimeIsRefused) {
  const auto other = Runtime::create();
  const auto module = other->load(guest_path("empty.wat"));
  const auto result = make_sandbox()->execute(*module);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
  const auto compiled = shared_runtime().compile(*module, {});
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().code, ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace mimobox::testing
