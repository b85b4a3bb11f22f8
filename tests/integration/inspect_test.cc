// What the library and the command tell about a module without running it.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mimobox/module_info.h"

#include "tests/integration/command.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using std::string_view_literals::operator""sv;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

ModuleInfo inspect_text_module(std::string_view text) {
  const auto info = inspect_bytes(bytes_of(text));
  EXPECT_TRUE(info.has_value()) << info.error().message;
  return info.value_or(ModuleInfo{});
}

std::vector<std::string> reasons(const ModuleInfo& info) {
  std::vector<std::string> texts;
  for (const RefusalInfo& refusal : info.refusals)
    texts.push_back(refusal.reason);
  return texts;
}

TEST(InspectBytes, TellsWhatAProgramNeeds) {
  const ModuleInfo info = inspect_text_module(R"((module
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (memory (export "memory") 2 8)
    (table 3 funcref)
    (func (export "_start"))))");
  EXPECT_THAT(info.refusals, IsEmpty());
  EXPECT_EQ(info.entry_point, "_start");
  EXPECT_THAT(info.wasi_functions, ElementsAre("proc_exit"));
  EXPECT_THAT(info.imports, ElementsAre(ImportInfo{"wasi_snapshot_preview1", "proc_exit",
                                                   ItemKind::kFunction, "(i32) -> ()"}));
  EXPECT_THAT(info.exports,
              ElementsAre(ExportInfo{"memory", ItemKind::kMemory, 0, "memory, 2 pages, at most 8"},
                          ExportInfo{"_start", ItemKind::kFunction, 1, "() -> ()"}));
  EXPECT_THAT(info.memories, ElementsAre(MemoryInfo{.min_pages = 2, .max_pages = 8}));
  EXPECT_THAT(info.tables, ElementsAre(TableInfo{.element_type = "funcref", .min_elements = 3}));
  EXPECT_EQ(info.function_count, 1U);
}

TEST(InspectBytes, NamesFeaturesThatNoSandboxOffers) {
  EXPECT_THAT(
      reasons(inspect_text_module(
          R"((module (import "env" "memory" (memory 1 2 shared)) (func (export "_start"))))")),
      ElementsAre("the module uses threads (shared memory in import env.memory), which no "
                  "sandbox offers",
                  "the module imports \"memory\" from \"env\", which no sandbox offers"));
  const ModuleInfo info = inspect_text_module(R"((module
    (func (export "_start") (drop (ref.null func)) i64.const 1 i64.const 2 i64.mul_wide_s drop drop)))");
  ASSERT_EQ(info.refusals.size(), 1U);
  EXPECT_EQ(info.refusals[0].subject, "wide-arithmetic");
  EXPECT_EQ(info.refusals[0].function, 0U);
  EXPECT_THAT(info.features, Contains("reference-types"));
}

std::string program_with(std::string_view fields) {
  return "(module " + std::string(fields) + " (func (export \"_start\")))";
}

TEST(InspectBytes, FindsNothingWrongWithWhatTheEngineOffers) {
  for (
      const std::string_view fields : {
          "(func (param funcref))"sv,
          "(func (param (ref null func)))"sv,
          "(func (block (param)))"sv,
          "(func (result i32 i32) i32.const 1 i32.const 2)"sv,
          "(table 1 funcref) (table 2 funcref)"sv,
          "(global (export \"g\") (mut i32) (i32.const 1))"sv,
          "(global i32 (i32.add (i32.const 1) (i32.const 2)))"sv,
          "(memory 1) (data \"a\") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)))"sv,
          "(func (drop (i32.extend8_s (i32.const 0))))"sv,
          "(func (drop (i32.trunc_sat_f32_s (f32.const 0))))"sv,
          "(func (drop (v128.const i64x2 0 0)))"sv,
          "(func (drop (f32x4.relaxed_min (v128.const i64x2 0 0) (v128.const i64x2 0 0))))"sv,
          "(func $f (return_call $f))"sv,
          "(func (drop (select (result funcref) (ref.null func) (ref.null func) (i32.const 0))))"sv,
      }) {
    EXPECT_TRUE(load_text(program_with(fields)).has_value()) << fields;
    EXPECT_THAT(reasons(inspect_text_module(program_with(fields))), IsEmpty()) << fields;
  }
}

TEST(InspectBytes, NamesTheProposalWhereTheEngineRefuses) {
  struct Case {
    std::string_view fields;
    std::string_view proposal;
  };
  for (const auto& [fields, proposal] : {
           Case{"(func (param externref))", "gc"},
           Case{"(table 1 externref)", "gc"},
           Case{"(func (drop (ref.null extern)))", "gc"},
           Case{"(type (struct))", "gc"},
           Case{"(type (array i8))", "gc"},
           Case{"(func (local anyref))", "gc"},
           Case{"(memory 1) (memory 1)", "multi-memory"},
           Case{"(memory i64 1)", "memory64"},
           Case{"(table i64 1 funcref)", "memory64"},
           Case{"(memory 1 2 shared)", "threads"},
           Case{"(memory 1) (func (drop (i32.atomic.load (i32.const 0))))", "threads"},
           Case{"(func atomic.fence)", "threads"},
           Case{"(memory 1 (pagesize 1))", "custom-page-sizes"},
           Case{"(tag)", "exceptions"},
           Case{"(func (local exnref))", "exceptions"},
           Case{"(func (try_table (catch_all 0)))", "exceptions"},
       }) {
    EXPECT_FALSE(load_text(program_with(fields)).has_value()) << fields;
    const ModuleInfo info = inspect_text_module(program_with(fields));
    ASSERT_FALSE(info.refusals.empty()) << fields;
    EXPECT_EQ(info.refusals[0].subject, proposal) << fields;
  }
}

// The engine leaves these two on as long as nothing needs a collector; what is offered is decided
// here.
TEST(InspectBytes, NamesReferencesToTypesAndTypesOfTheGcProposal) {
  struct Case {
    std::string_view fields;
    std::string_view proposal;
  };
  for (const auto& [fields, proposal] : {
           Case{"(func (param (ref func)))", "function-references"},
           Case{"(type $f (func)) (func (param (ref null $f)))", "function-references"},
           Case{"(table 1 funcref (ref.null func))", "function-references"},
           Case{"(func (call_ref 0 (ref.null 0)))", "function-references"},
           Case{"(rec (type (func)))", "gc"},
           Case{"(type (sub (func)))", "gc"},
           Case{"(func (drop (ref.i31 (i32.const 0))))", "gc"},
       }) {
    const ModuleInfo info = inspect_text_module(program_with(fields));
    ASSERT_FALSE(info.refusals.empty()) << fields;
    EXPECT_EQ(info.refusals[0].subject, proposal) << fields;
  }
}

TEST(InspectBytes, NamesImportsThatAreNotOffered) {
  EXPECT_THAT(
      reasons(inspect_text_module(
          R"((module (import "wasi_unstable" "fd_write" (func)) (func (export "_start"))))")),
      ElementsAre("the module imports \"fd_write\" from \"wasi_unstable\", which no sandbox "
                  "offers; build it for wasm32-wasip1 (WASI preview 1)"));
  EXPECT_THAT(
      reasons(inspect_text_module(
          R"((module (import "wasi_snapshot_preview1" "proc_exit" (func (param i64) (result i32)))
                     (func (export "_start"))))")),
      ElementsAre("the module imports \"proc_exit\" as (i64) -> i32; what WASI preview 1 has is "
                  "(i32) -> ()"));
}

TEST(InspectBytes, FindsTheEntryPoint) {
  const auto entry_point = [](std::string_view function) {
    return inspect_text_module("(module (func " + std::string(function) + "))").entry_point;
  };
  EXPECT_EQ(entry_point("(export \"_start\")"), "_start");
  EXPECT_EQ(entry_point("(export \"main\")"), "main");
  EXPECT_EQ(entry_point("(export \"main\") (result i32) i32.const 0"), "main");
  EXPECT_EQ(entry_point("(export \"main\") (param i32)"), std::nullopt);
  EXPECT_EQ(entry_point("(export \"main\") (result i64) i64.const 0"), std::nullopt);
  EXPECT_EQ(entry_point("(export \"_start\") (result i32) i32.const 0"), std::nullopt);
  EXPECT_THAT(reasons(inspect_text_module("(module)")),
              ElementsAre(HasSubstr("no function \"_start\"")));
}

TEST(InspectBytes, ExplainsAComponent) {
  const auto info = inspect_bytes(bytes_of("\0asm\x0d\0\1\0"sv));
  ASSERT_TRUE(info.has_value());
  EXPECT_TRUE(info->is_component);
  EXPECT_THAT(reasons(*info),
              ElementsAre("a WebAssembly component, not a module; build it for wasm32-wasip1"));
}

TEST(InspectBytes, RefusesWhatIsNoWebAssembly) {
  for (const std::string_view bytes :
       {""sv, "hello"sv, "\x7f\x45LF"sv, "\0asm"sv, "\0asm\1\0\0\0\1"sv, "(modul)"sv}) {
    const auto info = inspect_bytes(bytes_of(bytes));
    ASSERT_FALSE(info.has_value());
    EXPECT_EQ(info.error().code, ErrorCode::kModuleInvalid);
    EXPECT_FALSE(info.error().message.empty());
  }
}

TEST(InspectBytes, ReadsWhatClangMakes) {
  const CommandResult result = run_command({"inspect", "--json", guest("hello.wasm")});
  EXPECT_EQ(result.status, 0);
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["would_run"], true);
  EXPECT_EQ(json["entry_point"], "_start");
  EXPECT_THAT(json["wasi_functions"].get<std::vector<std::string>>(), Contains("fd_write"));
  EXPECT_EQ(json["has_function_names"], true);
  EXPECT_GT(json["counts"]["functions"], 5);
  EXPECT_GT(json["code_bytes"], 1000);
}

TEST(InspectCommand, SaysWhetherAModuleWouldRun) {
  EXPECT_THAT(run_command({"inspect", guest("hello.wasm")}).out,
              StartsWith("would run, beginning with _start\n"));
  const CommandResult refused = run_command({"inspect", guest("unknown_import.wat")});
  EXPECT_EQ(refused.status, 0);
  EXPECT_THAT(refused.out, StartsWith("would be refused:\n  the module imports"));
}

TEST(InspectCommand, NamesTheLimitsThatAModuleNeedsMoreOf) {
  const std::string module =
      "(module (memory 16384) (table 1048577 funcref) (func (export \"_start\")))";
  EXPECT_THAT(run_command({"inspect", "-"}, {.text = module}).out,
              StartsWith("would run with --memory 1G --max-table-elements 1048577, beginning "));
  const auto json =
      nlohmann::json::parse(run_command({"inspect", "--json", "-"}, {.text = module}).out);
  EXPECT_EQ(json["would_run"], true);
  EXPECT_EQ(json["needed_limits"],
            nlohmann::json::parse(R"({"memory_bytes": 1073741824, "table_elements": 1048577})"));
  EXPECT_EQ(run_command({"run", "--memory", "1G", "--max-table-elements", "1048577", "-"},
                        {.text = module})
                .status,
            0);
  EXPECT_THAT(run_command({"inspect", "-"},
                          {.text = "(module (table 10000001 funcref) (func (export \"_start\")))"})
                  .out,
              StartsWith("would be refused:\n  the module starts with 10000001 of table_elements"));
}

TEST(InspectCommand, ReadsStandardInput) {
  const CommandResult result =
      run_command({"inspect", "-"}, {.text = "(module (func (export \"_start\")))"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, StartsWith("would run"));
}

TEST(InspectCommand, SaysWhatOnlyValidationFinds) {
  const CommandResult result =
      run_command({"inspect", "-"}, {.text = "(module (func (export \"_start\") i32.const 1))"});
  EXPECT_THAT(result.out, StartsWith("would be refused:\n"));
}

TEST(InspectCommand, EscapesNamesOfTheModule) {
  const TemporaryFolder folder;
  EXPECT_THAT(run_command({"inspect", folder.write("m.wat", R"((module (func (export "_start"))
      (func (export "a\1b[31m"))))")})
                  .out,
              HasSubstr("a\\x1b[31m"));
}

TEST(InspectCommand, HasTheStatusOfRunForWhatItCannotRead) {
  EXPECT_EQ(run_command({"inspect", "/nowhere/at/all.wasm"}).status, 127);
  EXPECT_EQ(run_command({"inspect", "/dev/null"}).status, 126);
  EXPECT_EQ(run_command({"inspect", "-"}, {.text = "hello"}).status, 126);
  EXPECT_EQ(run_command({"inspect"}).status, 125);
  EXPECT_EQ(run_command({"inspect", "--help"}).status, 0);
}

}  // namespace
}  // namespace mimobox::testing
