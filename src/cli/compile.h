#ifndef MIMOBOX_CLI_COMPILE_H_
#define MIMOBOX_CLI_COMPILE_H_

#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/cache_options.h"

namespace mimobox::cli {

/// What `compile` was asked for.
struct CompileOptions {
  std::string module = {};
  std::optional<std::string> output = {};
  std::string cpu = "native";
  std::optional<std::string> timeout = {};
  CacheTexts cache = {};
  bool quiet = false;
};

/// What `compile --help` prints.
[[nodiscard]] std::string_view compile_help();

/// Adds `compile` and its options, which are stored in `options`.
CLI::App* add_compile(CLI::App& app, CompileOptions& options);

/// Compiles a module into the cache, or into a file. The command's exit status.
[[nodiscard]] int compile(const CompileOptions& options);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_COMPILE_H_
