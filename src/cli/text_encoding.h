#ifndef MIMOBOX_CLI_TEXT_ENCODING_H_
#define MIMOBOX_CLI_TEXT_ENCODING_H_

#include <string>
#include <string_view>

namespace mimobox::cli {

/// Whether the bytes are UTF-8: no overlong form, no surrogate, nothing above U+10FFFF. NUL is a
/// character.
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// Base64 of RFC 4648, section 4: with padding, in one line.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_TEXT_ENCODING_H_
