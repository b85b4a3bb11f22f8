#include <cstddef>
#include <string_view>

#include "sandbox/policy_keys.h"

namespace mimobox::internal {
namespace {

/// Policies have two.
constexpr std::size_t kMaxKeyParts = 16;

/// How far a string reaches from its first quote on, which is a basic or a literal one. A string of
/// one line ends at its end in any case.
std::size_t string_length(std::string_view text) {
  const char quote = text.front();
  const bool escapes = quote == '"';
  const bool lines = text.size() >= 3 && text[1] == quote && text[2] == quote;
  const std::string_view end = text.substr(0, lines ? 3 : 1);
  for (std::size_t at = end.size(); at < text.size(); ++at) {
    if (escapes && text[at] == '\\') {
      ++at;
    } else if (text[at] == '\n' && !lines) {
      return at;
    } else if (text.substr(at).starts_with(end)) {
      return at + end.size();
    }
  }
  return text.size();
}

}  // namespace

std::size_t line_of_too_deep_key(std::string_view text) {
  std::size_t line = 1;
  std::size_t dots = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = 1;
    switch (text[at]) {
      case '"':
      case '\'':
        length = string_length(text.substr(at));
        for (const char c : text.substr(at, length))
          line += c == '\n' ? 1 : 0;
        break;
      case '#':
        while (at + length < text.size() && text[at + length] != '\n')
          ++length;
        break;
      case '.':
        if (++dots >= kMaxKeyParts) return line;
        break;
      case '\n':
        ++line;
        dots = 0;
        break;
      case '=':
      case ',':
      case '[':
      case ']':
      case '{':
      case '}':
        dots = 0;
        break;
      default:
        break;
    }
    at += length;
  }
  return 0;
}

}  // namespace mimobox::internal
