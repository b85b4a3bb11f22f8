#ifndef MIMOBOX_CLI_JSON_LINE_H_
#define MIMOBOX_CLI_JSON_LINE_H_

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace mimobox::cli {

/// The value in one line of printable ASCII with a newline: everything else is a \u escape, so that
/// nothing in it acts on a terminal. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_line(const nlohmann::ordered_json& value);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_JSON_LINE_H_
