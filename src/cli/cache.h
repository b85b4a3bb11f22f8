#ifndef MIMOBOX_CLI_CACHE_H_
#define MIMOBOX_CLI_CACHE_H_

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/cache_options.h"

namespace mimobox::cli {

/// What `cache` was asked for; one of its commands is given.
struct CacheOptions {
  CLI::App* list = nullptr;
  CLI::App* stats = nullptr;
  CLI::App* verify = nullptr;
  CLI::App* clear = nullptr;
  CLI::App* prune = nullptr;
  CacheTexts cache = {};
  std::optional<std::string> size = {};  ///< of prune and stats
  bool json = false;
};

/// What `cache --help` prints, and --help of its commands.
[[nodiscard]] std::string cache_help(const CacheOptions& options);

/// Adds `cache` and its commands, which are stored in `options`.
CLI::App* add_cache(CLI::App& app, CacheOptions& options);

/// Does it, and returns the command's exit status.
[[nodiscard]] int cache(const CacheOptions& options);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_CACHE_H_
