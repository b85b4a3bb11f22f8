#include "cache/key.h"

#include <tuple>
#include <vector>

namespace mimobox::cache {

Digest code_key(std::span<const std::byte> engine_settings, const Seal& seal) {
  const std::string head = "mimobox code, format " + std::to_string(kFormatVersion) + "\n";
  const auto head_bytes = std::as_bytes(std::span(head));
  std::vector<std::byte> all(head_bytes.begin(), head_bytes.end());
  all.insert(all.end(), engine_settings.begin(), engine_settings.end());
  return seal.of(all);
}

std::string folder_name(const Digest& key) {
  return "v" + std::to_string(kFormatVersion) + "-" + base::to_hex(key);
}

bool is_digest(std::string_view text) {
  return text.size() == 2 * std::tuple_size_v<Digest> && base::is_hex(text);
}

bool is_folder_name(std::string_view name) {
  const std::size_t dash = name.find('-');
  return name.starts_with('v') && dash != std::string_view::npos && dash > 1 &&
         name.substr(1, dash - 1).find_first_not_of("0123456789") == std::string_view::npos &&
         is_digest(name.substr(dash + 1));
}

}  // namespace mimobox::cache
