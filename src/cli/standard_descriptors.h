#ifndef MIMOBOX_CLI_STANDARD_DESCRIPTORS_H_
#define MIMOBOX_CLI_STANDARD_DESCRIPTORS_H_

#include <optional>

namespace mimobox::cli {

/// With what of its standard descriptors the command was started.
struct StandardDescriptors {
  bool has_stdout = true;
};

/// Opens /dev/null in place of the closed ones of the first three descriptors, so that nothing else
/// is opened there; what is written to a stdout that was closed fails, as it would have. nullopt:
/// there is no /dev/null. For the very beginning of main().
[[nodiscard]] std::optional<StandardDescriptors> reserve_standard_descriptors();

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_STANDARD_DESCRIPTORS_H_
