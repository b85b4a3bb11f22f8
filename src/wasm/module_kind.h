#ifndef MIMOBOX_WASM_MODULE_KIND_H_
#define MIMOBOX_WASM_MODULE_KIND_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace mimobox::wasm {

/// What bytes are, judged by how they begin.
enum class ByteKind : std::uint8_t {
  kModule,        ///< a core module of version 1
  kComponent,     ///< a component (the component model's binary format)
  kOtherVersion,  ///< "\0asm" and a version that is neither
  kCutOff,        ///< the beginning of a module, less than its 8 bytes of header
  kEmpty,
  kText,         ///< perhaps the text format: it begins with '(' or ';' after white space
  kElf,          ///< a native program or library, or an artifact of an engine
  kOtherNative,  ///< Mach-O or PE
  kArchive,      ///< a static library
  kBitcode,      ///< LLVM bitcode
  kGzip,
  kZip,
  kZstd,
  kBzip2,
  kXz,
  kScript,  ///< "#!"
  kUnknown,
};

[[nodiscard]] ByteKind byte_kind(std::span<const std::byte> bytes);

/// What they are and what to do about it, as the end of a sentence: "a WebAssembly component, not a
/// module; build it for wasm32-wasip1". Empty for a module. A static string.
[[nodiscard]] std::string_view kind_hint(ByteKind kind);

}  // namespace mimobox::wasm

#endif  // MIMOBOX_WASM_MODULE_KIND_H_
