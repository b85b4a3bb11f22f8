#ifndef MIMOBOX_DOCTOR_H_
#define MIMOBOX_DOCTOR_H_

#include <string>
#include <vector>

#include "mimobox/config.h"

namespace mimobox {

/// One thing about this machine or process that sandboxes depend on.
struct Check {
  std::string name;  ///< "openat2", "address space"; stable, for programs
  bool ok = false;
  std::string found;   ///< what is so, in a few words
  std::string advice;  ///< what to do about it; empty when `ok`
};

/// Looks at the kernel, the process's limits, its signal handlers, the cache folder and the engine,
/// and tries a run. Touches nothing else. What is not ok costs speed, a feature or safety, as its
/// advice says; `create()` and `execute()` refuse what they cannot do in any case.
[[nodiscard]] std::vector<Check> examine_host(const RuntimeConfig& config = {});

}  // namespace mimobox

#endif  // MIMOBOX_DOCTOR_H_
