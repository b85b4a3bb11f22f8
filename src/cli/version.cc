#include "cli/version.h"

#include <unistd.h>

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mimobox/runtime.h"

#include "cli/exit_status.h"
#include "cli/print.h"

namespace mimobox::cli {

std::string_view version_help() {
  return R"(Prints the versions of this command and its engine, and its features.

Usage: mimobox-wasm version

Options:
  -h, --help  Print this text
)";
}

int version() {
  const EngineFeatures features = engine_features();
  const std::string text = fmt::format(
      "mimobox-wasm {}\n"
      "engine: {}\n"
      "engine features: {}\n"
      "WebAssembly: {}\n"
      "system interface: WASI preview 1\n",
      mimobox::version(), engine_version(), fmt::join(features.build, ", "),
      fmt::join(features.proposals, ", "));
  return print_result(text, 0);
}

}  // namespace mimobox::cli
