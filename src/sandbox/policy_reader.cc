#include "sandbox/policy_reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#include <toml++/toml.h>

#include "mimobox/settings.h"
#include "mimobox/suggest.h"

#include "sandbox/policy_hint.h"
#include "sandbox/policy_keys.h"
#include "sandbox/validate.h"

namespace mimobox::internal {
namespace {

using Read = Result<void>;

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a fraction";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return "a date or time";
    case toml::node_type::none:
      break;
  }
  return "nothing";
}

/// A part of a key as TOML has it: in quotes where it is none that can stand bare.
std::string as_written(std::string_view part) {
  const bool bare = !part.empty() && std::ranges::all_of(part, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? std::string(part) : fmt::format("\"{}\"", part);
}

/// Nanoseconds since 1970 of a moment that has an offset, if there are as many.
std::optional<std::uint64_t> to_nanoseconds(const toml::date_time& value) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): names of time units
  if (!value.offset) return std::nullopt;
  const year_month_day date{year(value.date.year), month(value.date.month), day(value.date.day)};
  const sys_seconds moment = sys_days(date) + hours(value.time.hour) + minutes(value.time.minute) +
                             seconds(value.time.second) - minutes(value.offset->minutes);
  const std::int64_t whole = moment.time_since_epoch().count();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;
  if (whole < 0 || whole >= kMax) return std::nullopt;
  return static_cast<std::uint64_t>(whole) * 1'000'000'000U + value.time.nanosecond;
}

/// Puts what a file says into a policy. The first fault ends it.
class Reader {
 public:
  Reader(std::string_view name, Policy& policy) : name_(name), policy_(policy) {
    add_settings(limit_settings(), policy_.sandbox.limits);
    add_settings(runtime_settings(), policy_.runtime);
    add_choices(sandbox_choices(), policy_.sandbox);
    add_choices(runtime_choices(), policy_.runtime);
    for (const Setting<Determinism>& setting : determinism_settings()) {
      leaves_.emplace(setting.policy_key, [this, &setting](const Place& place) {
        return read_setting(place, setting, *policy_.sandbox.determinism);
      });
    }
    leaves_.emplace(kDefaultEnvKey, [this](const Place& place) {
      return read_bool(place, policy_.sandbox.default_env);
    });
    leaves_.emplace(kEnvKey, [this](const Place& place) { return read_env(place); });
    leaves_.emplace(kMountsKey, [this](const Place& place) { return read_mounts(place); });
    leaves_.emplace(kScratchKey, [this](const Place& place) { return read_scratches(place); });
  }

  Read read(const toml::table& root) {
    if (auto done = read_section(root, ""); !done) return done;
    return check_lists();
  }

 private:
  /// A value, and its key from the root on.
  struct Place {
    const toml::node& node;
    std::string key;
  };
  using Leaf = std::function<Read(const Place&)>;
  using Leaves = std::map<std::string, Leaf, std::less<>>;

  [[nodiscard]] std::unexpected<SandboxError> fault(const toml::source_region& at,
                                                    std::string_view key,
                                                    std::string_view what) const {
    return std::unexpected(SandboxError{
        ErrorCode::kInvalidConfig,
        fmt::format("{}:{}:{}: {}: {}", name_, at.begin.line, at.begin.column, key, what)});
  }
  [[nodiscard]] std::unexpected<SandboxError> fault(const Place& place,
                                                    std::string_view what) const {
    return fault(place.node.source(), place.key, what);
  }
  [[nodiscard]] std::unexpected<SandboxError> wrong_type(const Place& place,
                                                         std::string_view wanted,
                                                         std::string_view allowed = "") const {
    return fault(place, fmt::format("{} stands here, and it takes {}{}{}", type_name(place.node),
                                    wanted, allowed.empty() ? "" : "; allowed: ", allowed));
  }

  template <class Owner>
  void add_settings(std::span<const Setting<Owner>> settings, Owner& owner) {
    for (const Setting<Owner>& setting : settings) {
      leaves_.emplace(setting.policy_key, [this, &setting, &owner](const Place& place) {
        return read_setting(place, setting, owner);
      });
    }
  }
  template <class Choices, class Owner>
  void add_choices(Choices choices, Owner& owner) {
    for (const auto& choice : choices) {
      leaves_.emplace(choice.policy_key, [this, &choice, &owner](const Place& place) {
        return read_choice(place, choice, owner);
      });
    }
  }

  /// The entries of a table in the order of the file, each by `leaves` or as a section of them.
  Read read_table(const toml::table& table, const std::string& section, const Leaves& leaves) {
    std::vector<std::pair<const toml::key*, const toml::node*>> entries;
    for (const auto& [key, node] : table)
      entries.emplace_back(&key, &node);
    std::ranges::sort(entries, {}, [](const auto& entry) {
      const toml::source_position& at = entry.first->source().begin;
      return std::pair(at.line, at.column);
    });
    for (const auto& [key, node] : entries) {
      // A key in quotes may hold dots: it is one name all the same, and no row's.
      if (key->str().find('.') != std::string_view::npos) {
        return unknown(*key, section, leaves);
      }
      const std::string full = section + std::string(key->str());
      const auto leaf = leaves.find(full);
      Read done;
      if (leaf != leaves.end()) {
        done = leaf->second({*node, full});
      } else if (is_section(full, leaves)) {
        done = read_subsection({*node, full});
      } else {
        return unknown(*key, section, leaves);
      }
      if (!done) return done;
    }
    return {};
  }
  Read read_section(const toml::table& table, const std::string& section) {
    return read_table(table, section, leaves_);
  }
  Read read_subsection(const Place& place) {
    const toml::table* table = place.node.as_table();
    if (table == nullptr) return wrong_type(place, fmt::format("a table, [{}]", place.key));
    const bool determinism = place.key == kDeterminismKey;
    if (determinism) policy_.sandbox.determinism.emplace();
    return read_section(*table, place.key + ".");
  }
  static bool is_section(const std::string& key, const Leaves& leaves) {
    const auto first = leaves.lower_bound(key + ".");
    return first != leaves.end() && first->first.starts_with(key + ".");
  }

  std::unexpected<SandboxError> unknown(const toml::key& key, const std::string& section,
                                        const Leaves& leaves) const {
    std::vector<std::string> known;
    std::vector<std::string> elsewhere;
    for (const auto& [name, leaf] : leaves) {
      if (leaf_of(name) == key.str()) elsewhere.push_back(name);
      if (!name.starts_with(section)) continue;
      std::string part =
          name.substr(section.size(), name.find('.', section.size()) - section.size());
      if (known.empty() || known.back() != part) known.push_back(std::move(part));
    }
    std::string meant = suggest(key.str(), known);
    if (meant.empty() && !elsewhere.empty()) {
      meant = fmt::format("; did you mean '{}'?", fmt::join(elsewhere, "' or '"));
    }
    if (leaves.contains(section + std::string(key.str()))) meant = "; write it without quotes";
    return fault(key.source(), section + as_written(key.str()),
                 fmt::format("there is no such key{}; allowed: {}", meant, fmt::join(known, ", ")));
  }

  template <class Owner>
  Read read_setting(const Place& place, const Setting<Owner>& setting, Owner& owner) {
    const auto value = value_of(place, setting.unit, setting.may_be_none(), setting.allowed());
    if (!value) return std::unexpected(value.error());
    if (!setting.check(*value)) {
      return fault(place, fmt::format("{} is out of bounds; allowed: {}",
                                      format_setting(setting.unit, *value), setting.allowed()));
    }
    setting.set(owner, *value);
    return {};
  }

  /// What stands there, in `unit`. Lengths of time have no bare number: nobody could tell in what.
  Result<std::optional<std::uint64_t>> value_of(const Place& place, Unit unit, bool may_be_none,
                                                const std::string& allowed) const {
    const toml::node& node = place.node;
    if (const auto* text = node.as_string()) {
      auto parsed = parse_setting(unit, may_be_none, text->get());
      if (parsed) return *parsed;
      return fault(place, fmt::format("{}; allowed: {}", parsed.error(), allowed));
    }
    const auto* number = node.as_integer();
    if (number != nullptr && (unit == Unit::kBytes || unit == Unit::kCount)) {
      if (number->get() >= 0) return static_cast<std::uint64_t>(number->get());
      return fault(place, fmt::format("{} is negative; allowed: {}", number->get(), allowed));
    }
    const auto* moment = node.as_date_time();
    if (moment != nullptr && moment->get().offset && unit == Unit::kTimestamp) {
      if (const auto since_1970 = to_nanoseconds(moment->get())) return since_1970;
      return fault(place, fmt::format("it is out of bounds; allowed: {}", allowed));
    }
    return wrong_type(place, value_example(unit), allowed);
  }

  template <class Choice, class Owner>
  Read read_choice(const Place& place, const Choice& choice, Owner& owner) {
    const auto* text = place.node.as_string();
    if (text == nullptr) return wrong_type(place, "a word in a string", choice.allowed());
    const auto found = choice.find(text->get());
    if (!found) {
      return fault(place, fmt::format("'{}' is none of its words{}; allowed: {}", text->get(),
                                      suggest_word(text->get(), choice.words), choice.allowed()));
    }
    choice.set(owner, *found);
    return {};
  }
  static std::string suggest_word(std::string_view word, std::span<const std::string_view> words) {
    return suggest(word, std::vector<std::string>(words.begin(), words.end()));
  }

  Read read_bool(const Place& place, bool& value) const {
    const auto* node = place.node.as_boolean();
    if (node == nullptr) return wrong_type(place, "true or false");
    value = node->get();
    return {};
  }
  Read read_string(const Place& place, std::string& value) const {
    const auto* node = place.node.as_string();
    if (node == nullptr) return wrong_type(place, "a string");
    value = node->get();
    return {};
  }

  /// Calls `read(place)` for each element of a list, and notes where it stands for check_lists().
  template <class ReadElement>
  Read read_list(const Place& place, std::string_view wanted, ReadElement read) {
    const toml::array* list = place.node.as_array();
    if (list == nullptr) return wrong_type(place, wanted);
    for (const toml::node& node : *list) {
      const Place element{node, fmt::format("{}[{}]", place.key, positions_[place.key].size())};
      positions_[place.key].push_back(node.source());
      if (auto done = read(element); !done) return done;
    }
    return {};
  }

  Read read_env(const Place& place) {
    return read_list(place, "a list of strings, as in [\"NAME=value\"]", [&](const Place& element) {
      std::string text;
      if (auto done = read_string(element, text); !done) return done;
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos) {
        return Read(fault(element, fmt::format("'{}' has no value; write \"NAME=value\"", text)));
      }
      policy_.sandbox.env.emplace_back(text.substr(0, equals), text.substr(equals + 1));
      return Read();
    });
  }

  Read read_grant(const Place& element, const Leaves& leaves) {
    const toml::table* table = element.node.as_table();
    if (table == nullptr) return wrong_type(element, "a table");
    // Keys in messages carry no index: the line tells which one it is.
    const std::string section = element.key.substr(0, element.key.find('[')) + ".";
    return read_table(*table, section, leaves);
  }

  static std::string key_of(std::string_view list, std::string_view leaf) {
    return fmt::format("{}.{}", list, leaf);
  }

  Read read_mounts(const Place& place) {
    return read_list(place, "tables, each under [[mounts]]", [&](const Place& element) -> Read {
      Mount mount;
      const auto key = [](std::string_view leaf) { return key_of(kMountsKey, leaf); };
      const Leaves leaves = {
          {key(kHostKey), [&](const Place& at) { return read_string(at, mount.host_path); }},
          {key(kGuestKey), [&](const Place& at) { return read_string(at, mount.guest_path); }},
          {key(kAccessKey), [&](const Place& at) { return read_access(at, mount.access); }},
          {key(kCrossDevicesKey),
           [&](const Place& at) { return read_bool(at, mount.cross_devices); }}};
      if (auto done = read_grant(element, leaves); !done) return done;
      if (element.node.as_table()->contains(kHostKey)) {
        policy_.sandbox.mounts.push_back(std::move(mount));
        return {};
      }
      return fault(element, "it has no host; write host = \"the path to grant\"");
    });
  }

  Read read_access(const Place& place, Access& access) const {
    static constexpr std::array kWords = {kReadOnlyWord, kReadWriteWord};
    std::string word;
    if (auto done = read_string(place, word); !done) return done;
    if (word != kWords[0] && word != kWords[1]) {
      return fault(place, fmt::format("'{}' is none of its words{}; allowed: {}", word,
                                      suggest_word(word, kWords), fmt::join(kWords, ", ")));
    }
    access = word == kReadWriteWord ? Access::kReadWrite : Access::kReadOnly;
    return {};
  }

  Read read_scratches(const Place& place) {
    return read_list(place, "tables, each under [[scratch]]", [&](const Place& element) -> Read {
      Scratch scratch;
      Leaves leaves = {{key_of(kScratchKey, kGuestKey),
                        [&](const Place& at) { return read_string(at, scratch.guest_path); }}};
      for (const Setting<Scratch>& setting : scratch_settings()) {
        leaves.emplace(setting.policy_key, [this, &setting, &scratch](const Place& at) {
          return read_setting(at, setting, scratch);
        });
      }
      if (auto done = read_grant(element, leaves); !done) return done;
      policy_.sandbox.scratch.push_back(std::move(scratch));
      return {};
    });
  }

  /// What only the whole of a list can tell: two of the same name, say.
  Read check_lists() {
    const auto found = find_list_fault(policy_.sandbox);
    if (!found) return {};
    return fault(positions_[std::string(found->list)].at(found->index),
                 fmt::format("{}[{}]", found->list, found->index), found->message);
  }

  std::string_view name_;
  Policy& policy_;
  Leaves leaves_;
  std::map<std::string, std::vector<toml::source_region>, std::less<>> positions_;
};

}  // namespace

Result<void> read_policy(std::string_view text, std::string_view name, Policy& policy) {
  const toml::parse_result parsed = toml::parse(text);
  if (parsed) return Reader(name, policy).read(parsed.table());
  const toml::source_position& at = parsed.error().source().begin;
  const std::optional<KeyHint> hint = find_key_hint(text, at.line);
  return std::unexpected(SandboxError{
      ErrorCode::kInvalidConfig,
      fmt::format("{}:{}:{}: {}{}not valid TOML: {}{}{}", name, at.line, at.column,
                  hint ? hint->key : "", hint ? ": " : "", parsed.error().description(),
                  hint ? "; " : "", hint ? hint->takes : "")});
}

}  // namespace mimobox::internal
