#ifndef MIMOBOX_CLI_READ_INPUT_H_
#define MIMOBOX_CLI_READ_INPUT_H_

#include <string>

#include "mimobox/error.h"

namespace mimobox::cli {

/// All bytes of the file at `path`, or of standard input when it is "-". At most `kMaxModuleBytes`.
/// Never blocks on a FIFO and opens no device.
/// Errors: `kModuleNotFound`, `kModuleUnreadable`, `kModuleTooLarge`.
[[nodiscard]] Result<std::string> read_input(const std::string& path);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_READ_INPUT_H_
