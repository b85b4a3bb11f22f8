#ifndef MIMOBOX_CLI_NEEDED_LIMITS_H_
#define MIMOBOX_CLI_NEEDED_LIMITS_H_

#include <cstdint>
#include <vector>

#include "mimobox/module_info.h"
#include "mimobox/settings.h"

namespace mimobox::cli {

/// A limit that a module needs more of than it has by default.
struct NeededLimit {
  const Setting<Limits>* setting;
  std::uint64_t value;  ///< the least that will do; above `setting->maximum`: nothing does
};

/// What the module starts with, beside the default limits: empty when it runs under these.
[[nodiscard]] std::vector<NeededLimit> needed_limits(const ModuleInfo& info);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_NEEDED_LIMITS_H_
