#include "wasm/module_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace mimobox::wasm {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kMagic = "\0asm"sv;
constexpr std::size_t kHeaderBytes = 8;

struct Beginning {
  std::string_view bytes;
  ByteKind kind;
};

constexpr std::array kBeginnings = {
    Beginning{"\x7F"sv
              "ELF"sv,
              ByteKind::kElf},
    Beginning{"\xFE\xED\xFA\xCE"sv, ByteKind::kOtherNative},
    Beginning{"\xFE\xED\xFA\xCF"sv, ByteKind::kOtherNative},
    Beginning{"\xCE\xFA\xED\xFE"sv, ByteKind::kOtherNative},
    Beginning{"\xCF\xFA\xED\xFE"sv, ByteKind::kOtherNative},
    Beginning{"MZ"sv, ByteKind::kOtherNative},
    Beginning{"!<arch>\n"sv, ByteKind::kArchive},
    Beginning{"BC\xC0\xDE"sv, ByteKind::kBitcode},
    Beginning{"\x1F\x8B"sv, ByteKind::kGzip},
    Beginning{"PK\x03\x04"sv, ByteKind::kZip},
    Beginning{"\x28\xB5\x2F\xFD"sv, ByteKind::kZstd},
    Beginning{"BZh"sv, ByteKind::kBzip2},
    Beginning{"\xFD"sv
              "7zXZ"sv,
              ByteKind::kXz},
    Beginning{"#!"sv, ByteKind::kScript},
};

ByteKind kind_of_header(std::string_view header) {
  const std::string_view version = header.substr(kMagic.size());
  if (version == "\x01\0\0\0"sv) return ByteKind::kModule;
  // Version and layer, two bytes each: layer 1 is the component model.
  if (version.substr(2) == "\x01\0"sv) return ByteKind::kComponent;
  return ByteKind::kOtherVersion;
}

bool looks_like_text(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '(' || text[first] == ';');
}

}  // namespace

ByteKind byte_kind(std::span<const std::byte> bytes) {
  if (bytes.empty()) return ByteKind::kEmpty;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with(kMagic) && text.size() >= kHeaderBytes) {
    return kind_of_header(text.substr(0, kHeaderBytes));
  }
  if (text.starts_with(kMagic) || kMagic.starts_with(text)) return ByteKind::kCutOff;
  const auto* const known = std::ranges::find_if(
      kBeginnings, [&](const Beginning& beginning) { return text.starts_with(beginning.bytes); });
  if (known != kBeginnings.end()) return known->kind;
  return looks_like_text(text) ? ByteKind::kText : ByteKind::kUnknown;
}

std::string_view kind_hint(ByteKind kind) {
  switch (kind) {
    case ByteKind::kModule:
      return "";
    case ByteKind::kComponent:
      return "a WebAssembly component, not a module; build it for wasm32-wasip1";
    case ByteKind::kOtherVersion:
      return "a WebAssembly binary of an unknown version; only version 1 is known";
    case ByteKind::kCutOff:
      return "cut off inside the 8 bytes with which a WebAssembly module begins";
    case ByteKind::kEmpty:
      return "empty, not a WebAssembly module";
    case ByteKind::kText:
      return "text, not a WebAssembly binary";
    case ByteKind::kElf:
      return "an ELF file (a native program or a precompiled artifact), not a WebAssembly module; "
             "build it for wasm32-wasip1";
    case ByteKind::kOtherNative:
      return "a native program, not a WebAssembly module; build it for wasm32-wasip1";
    case ByteKind::kArchive:
      return "a static library, not a WebAssembly module; link it to a program";
    case ByteKind::kBitcode:
      return "LLVM bitcode, not a WebAssembly module; link it without -flto or with wasm-ld";
    case ByteKind::kGzip:
      return "compressed with gzip; unpack it first";
    case ByteKind::kZip:
      return "a zip archive; unpack it first";
    case ByteKind::kZstd:
      return "compressed with zstd; unpack it first";
    case ByteKind::kBzip2:
      return "compressed with bzip2; unpack it first";
    case ByteKind::kXz:
      return "compressed with xz; unpack it first";
    case ByteKind::kScript:
      return "a script, not a WebAssembly module";
    case ByteKind::kUnknown:
      return "not a WebAssembly module (it does not begin with the bytes 00 61 73 6d)";
  }
  return "";
}

}  // namespace mimobox::wasm
