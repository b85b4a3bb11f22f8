#ifndef MIMOBOX_SANDBOX_POLICY_READER_H_
#define MIMOBOX_SANDBOX_POLICY_READER_H_

#include <string_view>

#include "mimobox/error.h"
#include "mimobox/policy.h"

namespace mimobox::internal {

/// Puts what a TOML text says into `policy`, each value checked where it stands. The text is
/// bounded and its keys are not deep (policy_keys.h). Error: `kInvalidConfig`, as of
/// `parse_policy`; then `policy` is half filled.
[[nodiscard]] Result<void> read_policy(std::string_view text, std::string_view name,
                                       Policy& policy);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_POLICY_READER_H_
