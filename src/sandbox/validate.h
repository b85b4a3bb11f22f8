#ifndef MIMOBOX_SANDBOX_VALIDATE_H_
#define MIMOBOX_SANDBOX_VALIDATE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/run_request.h"

namespace mimobox::internal {

/// What is wrong with an element of one of the lists of a configuration.
struct ListFault {
  std::string_view list;  ///< the field's name: "mounts"
  std::size_t index = 0;
  std::string message;
};

/// The first fault in the lists of `config`; nullopt: none.
[[nodiscard]] std::optional<ListFault> find_list_fault(const SandboxConfig& config);

/// Checks one run's arguments, streams and limits against those of its sandbox: `kInvalidConfig`
/// names the field.
[[nodiscard]] Result<void> validate_request(const RunRequest& request, const SandboxConfig& config);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_VALIDATE_H_
