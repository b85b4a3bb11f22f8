#include "cli/cache.h"

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mimobox/cache.h"

#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/json_line.h"
#include "cli/parse.h"
#include "cli/print.h"

namespace mimobox::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHead =
    R"(Looks after the cache of compiled code. It works and stays bounded without.

Usage: mimobox-wasm cache COMMAND [OPTIONS]

Commands:
  list    Print the modules in it, the last used first
  stats   Print where it is, how many modules it holds and how large it is
  verify  Read all of it and delete what is damaged
  clear   Delete all modules
  prune   Delete what was not used longest, down to a size

Options:
  -h, --help  Print this text

Examples:
  mimobox-wasm cache stats
  mimobox-wasm cache prune --cache-size 500M
)";

struct CommandText {
  std::string_view head;
  std::string_view name;
  std::string_view more;
};

constexpr std::string_view kSizeOption = "  --cache-size BYTES  How much may be left (2G)\n";

std::string command_help(const CommandText& text) {
  return fmt::format(
      "{}\n\nUsage: mimobox-wasm cache {} [OPTIONS]\n\nOptions:\n{}"
      "  --cache-dir DIR     Where compiled code is kept; also MIMOBOX_CACHE_DIR\n"
      "  --json              One JSON object on stdout instead of text\n"
      "  -h, --help          Print this text\n",
      text.head, text.name, text.more);
}

int fail(const SandboxError& error) {
  print_message(escape_for_terminal(error.message));
  return kStatusOwnFailure;
}

std::string time_text(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%MZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

Json module_json(const CachedModule& module) {
  return {{"digest", module.digest},
          {"settings", module.settings},
          {"bytes", module.bytes},
          {"last_used", time_text(module.last_used)},
          {"in_use", module.in_use}};
}

std::string module_line(const CachedModule& module) {
  return fmt::format("{}  {:>10}  {}{}\n", module.digest, format_bytes(module.bytes),
                     time_text(module.last_used), module.in_use ? "  in use" : "");
}

int show(const CacheOptions& options, const Json& json, const std::string& text, int status = 0) {
  return print_result(options.json ? json_line(json) : text, status);
}

int list(const CacheOptions& options, const RuntimeConfig& config) {
  const auto modules = list_cache(config);
  if (!modules) return fail(modules.error());
  Json json = Json::array();
  std::string text;
  for (const CachedModule& module : *modules) {
    json.push_back(module_json(module));
    text += module_line(module);
  }
  return show(options, {{"modules", std::move(json)}}, text);
}

int stats(const CacheOptions& options, const RuntimeConfig& config) {
  const auto stats = cache_stats(config);
  if (!stats) return fail(stats.error());
  return show(options,
              {{"folder", stats->folder.native()},
               {"modules", stats->modules},
               {"modules_in_use", stats->modules_in_use},
               {"bytes", stats->bytes},
               {"max_bytes", stats->max_bytes}},
              fmt::format("folder   {}\nmodules  {} ({} in use)\nsize     {} of {}\n",
                          escape_for_terminal(stats->folder.native()), stats->modules,
                          stats->modules_in_use, format_bytes(stats->bytes),
                          format_bytes(stats->max_bytes)));
}

/// 1 when something was damaged.
int verify(const CacheOptions& options, const RuntimeConfig& config) {
  const auto verified = verify_cache(config);
  if (!verified) return fail(verified.error());
  Json damaged = Json::array();
  std::string text;
  for (const DamagedModule& one : verified->damaged) {
    Json json = module_json(one.module);
    json["why"] = one.why;
    damaged.push_back(std::move(json));
    text += fmt::format("deleted {}: {}\n", one.module.digest, one.why);
  }
  text += fmt::format("{} good, {} damaged, {} of other versions\n", verified->good,
                      verified->damaged.size(), verified->skipped);
  const int status = verified->damaged.empty() ? 0 : 1;
  return show(
      options,
      {{"good", verified->good}, {"skipped", verified->skipped}, {"damaged", std::move(damaged)}},
      text, status);
}

int removed(const CacheOptions& options, const Result<CacheRemoval>& removal) {
  if (!removal) return fail(removal.error());
  return show(
      options, {{"modules", removal->modules}, {"bytes", removal->bytes}},
      fmt::format("deleted {} modules, {}\n", removal->modules, format_bytes(removal->bytes)));
}

}  // namespace

std::string cache_help(const CacheOptions& options) {
  if (options.list->parsed()) {
    return command_help({"Prints the modules in the cache, the last used first.", "list", ""});
  }
  if (options.stats->parsed()) {
    return command_help({"Prints where the cache is, how many modules it holds and its size.",
                         "stats", kSizeOption});
  }
  if (options.verify->parsed()) {
    return command_help(
        {"Reads all of the cache and deletes what is damaged; status 1 if any was.", "verify", ""});
  }
  if (options.clear->parsed()) {
    return command_help({"Deletes all modules of the cache. Programs that run go on.", "clear", ""});
  }
  if (options.prune->parsed()) {
    return command_help(
        {"Deletes what was not used longest, but nothing in use.", "prune", kSizeOption});
  }
  return std::string(kHead);
}

CLI::App* add_cache(CLI::App& app, CacheOptions& options) {
  CLI::App* const cache = app.add_subcommand("cache");
  cache->require_subcommand(1);
  const auto add = [&](const char* name) {
    CLI::App* const command = cache->add_subcommand(name);
    add_cache_options(*command, options.cache);
    command->add_flag("--json", options.json)->disable_flag_override();
    return command;
  };
  options.list = add("list");
  options.stats = add("stats");
  options.verify = add("verify");
  options.clear = add("clear");
  options.prune = add("prune");
  options.stats->add_option("--cache-size", options.size)->type_name("BYTES");
  options.prune->add_option("--cache-size", options.size)->type_name("BYTES");
  return cache;
}

int cache(const CacheOptions& options) {
  RuntimeConfig config;
  take_cache_options(options.cache, config);
  if (options.size) {
    if (const auto taken = take_runtime_setting("--cache-size", *options.size, config); !taken) {
      print_message(taken.error());
      return kStatusOwnFailure;
    }
  }
  if (options.list->parsed()) return list(options, config);
  if (options.stats->parsed()) return stats(options, config);
  if (options.verify->parsed()) return verify(options, config);
  if (options.clear->parsed()) return removed(options, clear_cache(config));
  return removed(options, prune_cache(config));
}

}  // namespace mimobox::cli
