#include "cli/json_line.h"

#include <string>

#include <nlohmann/json.hpp>

namespace mimobox::cli {

std::string json_line(const nlohmann::ordered_json& value) {
  constexpr int kOneLine = -1;
  constexpr bool kAsciiOnly = true;
  return value.dump(kOneLine, ' ', kAsciiOnly, nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

}  // namespace mimobox::cli
