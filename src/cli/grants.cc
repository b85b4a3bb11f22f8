#include "cli/grants.h"

#include <expected>
#include <string>
#include <string_view>

#include "mimobox/settings.h"

#include "cli/escape.h"

namespace mimobox::cli {

std::expected<Mount, std::string> parse_mount(std::string_view text, Access access) {
  const std::size_t mark = text.find("::");
  const std::string_view host = text.substr(0, mark);
  const std::string_view guest =
      mark == std::string_view::npos ? std::string_view() : text.substr(mark + 2);
  if (host.empty()) return std::unexpected("write HOST or HOST::GUEST");
  if (mark != std::string_view::npos && guest.empty()) {
    return std::unexpected("the guest's path behind '::' is empty");
  }
  return Mount{.host_path = std::string(host), .guest_path = std::string(guest), .access = access};
}

std::expected<Scratch, std::string> parse_scratch(std::string_view text) {
  Scratch scratch{.guest_path = std::string(text)};
  if (const std::size_t mark = text.rfind(':'); mark != std::string_view::npos) {
    const auto bytes = parse_setting(Unit::kBytes, false, text.substr(mark + 1));
    if (!bytes) return std::unexpected(escape_for_terminal(bytes.error()));
    scratch.guest_path = text.substr(0, mark);
    scratch.bytes = bytes->value_or(0);
  }
  if (scratch.guest_path.empty()) return std::unexpected("write GUEST or GUEST:SIZE");
  return scratch;
}

}  // namespace mimobox::cli
