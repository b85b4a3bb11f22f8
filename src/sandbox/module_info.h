#ifndef MIMOBOX_SANDBOX_MODULE_INFO_H_
#define MIMOBOX_SANDBOX_MODULE_INFO_H_

#include "mimobox/module_info.h"

#include "wasm/module_summary.h"

namespace mimobox {

/// The summary in the public API's words, with what no sandbox would run added: imports that the
/// host does not offer, a missing entry point, what is above the bounds.
[[nodiscard]] ModuleInfo make_module_info(const wasm::ModuleSummary& summary);

}  // namespace mimobox

#endif  // MIMOBOX_SANDBOX_MODULE_INFO_H_
