#ifndef MIMOBOX_SANDBOX_IMPORT_CHECK_H_
#define MIMOBOX_SANDBOX_IMPORT_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "wasm/module_summary.h"

namespace mimobox {

/// Why no sandbox offers this import, in one sentence; nothing when it is offered, with that type.
[[nodiscard]] std::optional<std::string> why_not_offered(const wasm::ModuleSummary& summary,
                                                         const wasm::Import& import);

/// The import's type in words.
[[nodiscard]] std::string item_type(const wasm::ModuleSummary& summary, wasm::ExternKind kind,
                                    std::uint32_t index);

}  // namespace mimobox

#endif  // MIMOBOX_SANDBOX_IMPORT_CHECK_H_
