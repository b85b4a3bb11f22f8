#ifndef MIMOBOX_CLI_CACHE_OPTIONS_H_
#define MIMOBOX_CLI_CACHE_OPTIONS_H_

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "mimobox/config.h"

namespace mimobox::cli {

/// Options about the cache that several commands have.
struct CacheTexts {
  std::optional<std::string> folder = {};
  bool off = false;
};

/// Adds --cache-dir, for commands that cannot do without a cache.
void add_cache_options(CLI::App& command, CacheTexts& texts);

/// Puts them into a configuration. An empty --cache-dir is the environment's or the user's.
void take_cache_options(const CacheTexts& texts, RuntimeConfig& config);

/// Sets the field of a runtime that this option of `run` sets; else a sentence that names the
/// option.
[[nodiscard]] std::expected<void, std::string> take_runtime_setting(std::string_view option,
                                                                    std::string_view text,
                                                                    RuntimeConfig& config);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_CACHE_OPTIONS_H_
