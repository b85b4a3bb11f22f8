#include "cli/inspect.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mimobox/module_info.h"

namespace mimobox::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ModuleInfo hostile_info() {
  ModuleInfo info;
  info.name = "\xff\xfe";
  info.imports = {{"en\x1bv", "\xc3(", ItemKind::kFunction, "() -> ()"}};
  info.exports = {{"a\nb", ItemKind::kMemory, 0, "memory, 1 page"}};
  info.sections = {{"\xf0\x9f", true, 8, 1}};
  info.producers = {{"\x80", "\x80", "\x80"}};
  info.target_features = {"+\xff"};
  info.refusals = {{.kind = RefusalKind::kImport, .subject = "\xff", .reason = "why\x1b"}};
  return info;
}

TEST(InspectText, EscapesWhatTheModuleChose) {
  const std::string text = inspect_text(hostile_info());
  EXPECT_THAT(text, AllOf(HasSubstr("en\\x1bv"), HasSubstr("a\\nb"), HasSubstr("why\\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  for (const char character : text)
    EXPECT_LT(static_cast<unsigned char>(character), 0x7F);
}

TEST(InspectText, SaysOneAndMany) {
  ModuleInfo info;
  info.memories = {{.min_pages = 1, .max_pages = 2}, {.min_pages = 2}};
  EXPECT_THAT(inspect_text(info), AllOf(HasSubstr("  1 page of 64 KiB, at most 2\n"),
                                        HasSubstr("  2 pages of 64 KiB\n")));
}

TEST(InspectJson, IsValidWhateverTheNamesAre) {
  const auto json = nlohmann::json::parse(inspect_json(hostile_info()));
  EXPECT_EQ(json["name"], "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(json["imports"][0]["module"], "en\x1bv");
  EXPECT_EQ(json["refusals"][0]["kind"], "import");
  EXPECT_EQ(json["would_run"], false);
}

TEST(InspectJson, HasNullForWhatIsNotKnown) {
  ModuleInfo info;
  info.memories = {{.min_pages = 1}};
  const auto json = nlohmann::json::parse(inspect_json(info));
  EXPECT_TRUE(json["entry_point"].is_null());
  EXPECT_TRUE(json["memories"][0]["max_pages"].is_null());
  EXPECT_TRUE(json["would_run"].get<bool>());
  EXPECT_TRUE(json["imports"].is_array());
}

}  // namespace
}  // namespace mimobox::cli
