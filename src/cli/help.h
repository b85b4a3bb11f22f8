#ifndef MIMOBOX_CLI_HELP_H_
#define MIMOBOX_CLI_HELP_H_

#include <span>
#include <string>

namespace mimobox::cli {

/// How wide help texts are.
inline constexpr int kHelpColumns = 80;

/// One entry of an "Options:" section.
struct HelpEntry {
  std::string head;  ///< "-v, --verbose", "--timeout TIME"
  std::string text;
};

/// The entries in two columns, the second wrapped; each line ends with a newline.
[[nodiscard]] std::string help_entries(std::span<const HelpEntry> entries);

/// An "Exit status:" section with our own statuses in two columns.
[[nodiscard]] std::string help_statuses();

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_HELP_H_
