#ifndef MIMOBOX_WASM_MODULE_READER_H_
#define MIMOBOX_WASM_MODULE_READER_H_

#include <cstddef>
#include <expected>
#include <span>

#include "wasm/byte_reader.h"
#include "wasm/module_summary.h"

namespace mimobox::wasm {

struct ReadOptions {
  /// Keep the functions' names of the name section: at most 16 MiB of them.
  bool function_names = false;
};

/// Reads what a module's sections say; of function bodies only the declarations of locals. It does
/// not validate: what it accepts may still be invalid, what it refuses is.
///
/// The bytes may be anything. Time is linear in their number; memory is a small multiple of what
/// the module holds and bounded by the kMaxKept constants. Nothing recurses; only bad_alloc is
/// thrown.
///
/// A component gives a summary that says so. Errors: what is neither module nor component
/// (wasm/module_kind.h has the words) or is malformed.
[[nodiscard]] std::expected<ModuleSummary, ReadError> read_module(std::span<const std::byte> bytes,
                                                                  const ReadOptions& options = {});

/// Reads every instruction and adds what it shows to `summary.findings`: proposals in use, and of
/// each that is not offered the first place. `bytes` are those that the summary was made from.
///
/// A body that cannot be decoded is left at that point and the next one is read; the first such
/// place is the error, after everything was read.
[[nodiscard]] std::expected<void, ReadError> scan_bodies(std::span<const std::byte> bytes,
                                                         ModuleSummary& summary);

}  // namespace mimobox::wasm

#endif  // MIMOBOX_WASM_MODULE_READER_H_
