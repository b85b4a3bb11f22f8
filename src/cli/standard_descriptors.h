#ifndef MIMOBOX_CLI_STANDARD_DESCRIPTORS_H_
#define MIMOBOX_CLI_STANDARD_DESCRIPTORS_H_

namespace mimobox::cli {

/// Opens /dev/null for each of the descriptors 0, 1 and 2 that the command was started without
/// (`<&-`), so that no file or event of ours takes its number and becomes a guest's stream.
/// To be called first in main(). Returns whether all three are open.
[[nodiscard]] bool reserve_standard_descriptors();

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_STANDARD_DESCRIPTORS_H_
