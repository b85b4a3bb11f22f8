#include "cli/escape.h"

#include <string_view>

#include <gtest/gtest.h>

namespace mimobox::cli {
namespace {

TEST(EscapeForTerminal, LeavesPrintableAsciiAlone) {
  EXPECT_EQ(escape_for_terminal("a function: _start() ~"), "a function: _start() ~");
}

TEST(EscapeForTerminal, ShowsControlCharactersAsText) {
  EXPECT_EQ(escape_for_terminal("\x1b[31m\r\x07\x7f"), "\\x1b[31m\\x0d\\x07\\x7f");
  EXPECT_EQ(escape_for_terminal("two\nlines\t"), "two\\nlines\\t");
  EXPECT_EQ(escape_for_terminal(std::string_view("\0", 1)), "\\x00");
}

TEST(EscapeForTerminal, ShowsBytesAboveAsciiAsText) {
  EXPECT_EQ(escape_for_terminal("\xe2\x80\xae"), "\\xe2\\x80\\xae");  // turns the text direction
  EXPECT_EQ(escape_for_terminal("\x9b"), "\\x9b");  // a terminal's CSI in one byte
}

TEST(EscapeForTerminal, CannotBeImitatedByTheText) {
  EXPECT_EQ(escape_for_terminal("\\x1b"), "\\\\x1b");
}

}  // namespace
}  // namespace mimobox::cli
