#ifndef MIMOBOX_CLI_TEXT_TABLE_H_
#define MIMOBOX_CLI_TEXT_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

namespace mimobox::cli {

/// Columns of text, each as wide as its widest cell. The first ones are aligned to the left, the
/// others to the right.
class TextTable {
 public:
  TextTable(std::vector<std::string> heads, std::size_t left_columns);

  /// As many cells as there are heads; printable ASCII.
  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.size() <= 1; }
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the heads first
  std::size_t left_columns_;
};

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_TEXT_TABLE_H_
