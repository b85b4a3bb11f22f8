// Programs of real compilers read real input and give the right answer.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

constexpr const char* kText =
    "The fox, the hen and the dog.\nA dog is no fox; THE hen is no dog!\n"
    "(a hen)\n";
constexpr const char* kTopFour = "      4 the\n      3 dog\n      3 hen\n      2 a\n";

void expect_counts_words(const char* guest) {
  const Result<RunResult> result = run_guest(guest, {.args = {"4"}, .input = InputBytes{kText}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->exit_code, 0U) << result->err.data;
  EXPECT_EQ(result->out.data, kTopFour);
}

TEST(Language, CProgramCountsWords) {
  expect_counts_words("wordcount.wasm");
}

TEST(Language, GoProgramCountsWords) {
  if (!std::filesystem::exists(guest_path("go_wordcount.wasm"))) {
    GTEST_SKIP() << "no Go 1.21 or newer was there when the guests were built";
  }
  expect_counts_words("go_wordcount.wasm");
}

}  // namespace
}  // namespace mimobox::testing
