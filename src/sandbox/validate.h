#ifndef MIMOBOX_SANDBOX_VALIDATE_H_
#define MIMOBOX_SANDBOX_VALIDATE_H_

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/run_request.h"

namespace mimobox::internal {

/// Checks one run's arguments, streams and limits against those of its sandbox: `kInvalidConfig`
/// names the field.
[[nodiscard]] Result<void> validate_request(const RunRequest& request, const Limits& of_sandbox);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_VALIDATE_H_
