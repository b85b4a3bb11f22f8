#ifndef MIMOBOX_SANDBOX_VALIDATE_H_
#define MIMOBOX_SANDBOX_VALIDATE_H_

#include "mimobox/error.h"
#include "mimobox/run_request.h"

namespace mimobox {

/// Checks one run's arguments and descriptors: `kInvalidConfig` names the field.
[[nodiscard]] Result<void> validate_request(const RunRequest& request);

}  // namespace mimobox

#endif  // MIMOBOX_SANDBOX_VALIDATE_H_
