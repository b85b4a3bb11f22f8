#include "cli/escape.h"

#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace mimobox::cli {

std::string escape_for_terminal(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '\\') {
      shown += "\\\\";
    } else if (character == '\n') {
      shown += "\\n";
    } else if (character == '\t') {
      shown += "\\t";
    } else if (byte >= 0x20 && byte < 0x7f) {
      shown += character;
    } else {
      fmt::format_to(std::back_inserter(shown), "\\x{:02x}", byte);
    }
  }
  return shown;
}

}  // namespace mimobox::cli
