#include "wasm/module_kind.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/unit/wasm/module_builder.h"

namespace mimobox::wasm {
namespace {

using std::string_view_literals::operator""sv;

ByteKind kind_of(std::string_view text) {
  return byte_kind(std::as_bytes(std::span(text)));
}

TEST(ByteKindOf, TellsModulesFromComponentsAndOtherVersions) {
  EXPECT_EQ(kind_of("\0asm\1\0\0\0"sv), ByteKind::kModule);
  EXPECT_EQ(kind_of("\0asm\x0d\0\1\0"sv), ByteKind::kComponent);
  EXPECT_EQ(kind_of("\0asm\x0c\0\0\0"sv), ByteKind::kOtherVersion);
  EXPECT_EQ(kind_of("\0asm\2\0\0\0"sv), ByteKind::kOtherVersion);
}

TEST(ByteKindOf, NamesABeginningThatIsCutOff) {
  EXPECT_EQ(kind_of(""), ByteKind::kEmpty);
  for (const std::string_view text : {"\0"sv, "\0as"sv, "\0asm"sv, "\0asm\1\0\0"sv}) {
    EXPECT_EQ(kind_of(text), ByteKind::kCutOff);
  }
}

TEST(ByteKindOf, NamesWhatIsSomethingElse) {
  EXPECT_EQ(kind_of("\x7f"
                    "ELF\2\1"sv),
            ByteKind::kElf);
  EXPECT_EQ(kind_of("MZ\x90"sv), ByteKind::kOtherNative);
  EXPECT_EQ(kind_of("!<arch>\nfoo"sv), ByteKind::kArchive);
  EXPECT_EQ(kind_of("\x1f\x8b\x08"sv), ByteKind::kGzip);
  EXPECT_EQ(kind_of("PK\3\4"sv), ByteKind::kZip);
  EXPECT_EQ(kind_of("#!/bin/sh"sv), ByteKind::kScript);
  EXPECT_EQ(kind_of("hello"sv), ByteKind::kUnknown);
  EXPECT_EQ(kind_of("  \n"sv), ByteKind::kUnknown);
}

TEST(ByteKindOf, SeesTheTextFormat) {
  EXPECT_EQ(kind_of("(module)"sv), ByteKind::kText);
  EXPECT_EQ(kind_of("\n  ;; a comment"sv), ByteKind::kText);
}

TEST(KindHint, SaysWhatToDo) {
  EXPECT_EQ(kind_hint(ByteKind::kComponent),
            "a WebAssembly component, not a module; build it for wasm32-wasip1");
  EXPECT_EQ(kind_hint(ByteKind::kModule), "");
}

}  // namespace
}  // namespace mimobox::wasm
