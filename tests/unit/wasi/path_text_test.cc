#include "wasi/path_text.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"

namespace mimobox::wasi {
namespace {

TEST(IsUtf8, TakesWhatIsWellFormed) {
  for (const char* text :
       {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "a\xC3\xA4z"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(IsUtf8, RefusesWhatIsNot) {
  for (const char* text : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2z", "\xE0\x9F\xBF",
                           "\xED\xA0\x80", "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80", "\xFE", "\xFF", "a\xC3\xA4\xC3"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(PathText, CopiesAndEndsWithANul) {
  PathText text;
  EXPECT_EQ(text.assign("a/b"), Errno::kSuccess);
  EXPECT_EQ(text.view(), "a/b");
  EXPECT_STREQ(text.c_str(), "a/b");
  EXPECT_EQ(text.assign(""), Errno::kSuccess);
  EXPECT_STREQ(text.c_str(), "");
}

TEST(PathText, TakesUpTo4095Bytes) {
  PathText text;
  EXPECT_EQ(text.assign(std::string(4'095, 'x')), Errno::kSuccess);
  EXPECT_EQ(text.view().size(), 4'095U);
  EXPECT_EQ(text.assign(std::string(4'096, 'x')), Errno::kNametoolong);
  EXPECT_EQ(text.assign(std::string_view("a\0b", 3)), Errno::kInval);
}

TEST(PathText, ReadsAGuestsMemoryOnce) {
  std::string memory = "??name\xFF??";
  const GuestMemory guest(std::as_writable_bytes(std::span(memory)));
  PathText text;
  EXPECT_EQ(text.read(guest, 2, 4), Errno::kSuccess);
  memory[2] = '/';
  EXPECT_EQ(text.view(), "name");
  EXPECT_EQ(text.read(guest, 2, 5), Errno::kIlseq);
  EXPECT_EQ(text.read(guest, 9, 0), Errno::kSuccess);
  EXPECT_EQ(text.read(guest, 9, 1), Errno::kFault);
  EXPECT_EQ(text.read(guest, 0xFFFF'FFFF, 0xFFFF'FFFF), Errno::kFault);
}

}  // namespace
}  // namespace mimobox::wasi
