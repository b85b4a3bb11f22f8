#include "cli/help.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cli/exit_status.h"

namespace mimobox::cli {
namespace {

// A wider one has its text on the next line.
constexpr std::size_t kWidestHead = 22;

// What fits into `width`, cut off the front of `text` at a space.
std::string_view take_line(std::string_view& text, std::size_t width) {
  std::size_t end = text.size();
  if (end > width) {
    end = text.rfind(' ', width);
    if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::string help_entries(std::span<const HelpEntry> entries) {
  std::size_t widest = 0;
  for (const HelpEntry& entry : entries) {
    if (entry.head.size() <= kWidestHead) widest = std::max(widest, entry.head.size());
  }
  const std::size_t column = 2 + widest + 2;
  std::string shown;
  for (const HelpEntry& entry : entries) {
    std::string line = fmt::format("  {:<{}}  ", entry.head, widest);
    std::string_view text = entry.text;
    if (line.size() > column) {
      shown += fmt::format("  {}\n", entry.head);
      line.assign(column, ' ');
    }
    while (!text.empty()) {
      line += take_line(text, kHelpColumns - column);
      shown += line + "\n";
      line.assign(column, ' ');
    }
  }
  return shown;
}

std::string help_statuses() {
  std::string shown = "Exit status: the guest's own, or with one line on stderr that says why:\n";
  const std::span<const StatusMeaning> rows = own_statuses();
  const std::size_t half = (rows.size() + 1) / 2;
  for (std::size_t i = 0; i < half; ++i) {
    std::string line = fmt::format("  {}  {:<30}", rows[i].status, rows[i].meaning);
    if (i + half < rows.size()) {
      const StatusMeaning& right = rows[i + half];
      line += fmt::format("  {:<5}  {}", right.status, right.meaning);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    shown += line + "\n";
  }
  return shown;
}

}  // namespace mimobox::cli
