#ifndef MIMOBOX_WASM_CUSTOM_SECTIONS_H_
#define MIMOBOX_WASM_CUSTOM_SECTIONS_H_

#include <string_view>

#include "wasm/byte_reader.h"
#include "wasm/module_summary.h"

namespace mimobox::wasm {

/// Takes from a custom section what the summary has a place for. A malformed one ends early and is
/// no error, as the specification wants.
void read_custom_section(std::string_view name, ByteReader in, bool keep_function_names,
                         ModuleSummary& summary);

}  // namespace mimobox::wasm

#endif  // MIMOBOX_WASM_CUSTOM_SECTIONS_H_
