#include "cli/cache_options.h"

#include <algorithm>

#include <fmt/format.h>

#include "mimobox/settings.h"

#include "cli/escape.h"

namespace mimobox::cli {

void add_cache_options(CLI::App& command, CacheTexts& texts) {
  command.add_option("--cache-dir", texts.folder)->type_name("DIR");
}

void take_cache_options(const CacheTexts& texts, RuntimeConfig& config) {
  if (texts.folder) config.cache_folder = *texts.folder;
  if (texts.off) config.disk_cache = false;
}

std::expected<void, std::string> take_runtime_setting(std::string_view option,
                                                      std::string_view text,
                                                      RuntimeConfig& config) {
  const auto settings = runtime_settings();
  const auto setting = std::ranges::find(settings, option, &Setting<RuntimeConfig>::option);
  if (setting == settings.end()) return std::unexpected(fmt::format("{}: no such option", option));
  const auto value = parse_setting(setting->unit, setting->may_be_none(), text);
  if (!value || !setting->check(*value)) {
    return std::unexpected(fmt::format("{}: '{}' is none of what is allowed: {}", option,
                                       escape_for_terminal(text), setting->allowed()));
  }
  setting->set(config, *value);
  return {};
}

}  // namespace mimobox::cli
