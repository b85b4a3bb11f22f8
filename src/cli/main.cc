#include <unistd.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mimobox/compile_helper.h"
#include "mimobox/suggest.h"

#include "cli/bench.h"
#include "cli/cache.h"
#include "cli/compile.h"
#include "cli/doctor.h"
#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/inspect.h"
#include "cli/policy.h"
#include "cli/print.h"
#include "cli/result_json.h"
#include "cli/run.h"
#include "cli/run_options.h"
#include "cli/standard_descriptors.h"
#include "cli/version.h"

namespace mimobox::cli {
namespace {

using Words = std::vector<std::string>;

constexpr std::string_view kMainHelp = R"(Runs untrusted WebAssembly programs under strict limits.

Usage: mimobox-wasm run [OPTIONS] MODULE [ARGS...]
       mimobox-wasm COMMAND [OPTIONS]

Commands:
  run      Run a WebAssembly program (WASI preview 1)
  inspect  Say what is in a module and whether it would run
  compile  Compile a module ahead of its first run
  cache    Look after the cache of compiled code
  bench    Measure what runs cost here, beside other runtimes
  doctor   Say whether this machine has what sandboxes need
  policy   Show and check policies: what guests are granted
  version  Print the versions of this command and its engine, and its features

'mimobox-wasm COMMAND --help' says more about each of them. Before the path of a
module 'run' may be left out: 'mimobox-wasm prog.wasm ARGS'.

Options:
  -h, --help     Print this text
  -V, --version  As the command version

Examples:
  mimobox-wasm run --timeout 2s --memory 64M wordcount.wasm 10 < book.txt
  mimobox-wasm prog.wasm --an-option-of-the-program
)";

// A subcommand. Only the one that was named is added to the parser: building the options of all
// takes longer than a short program runs.
struct Command {
  std::string_view name;
  std::function<const CLI::App*()> add;
  std::function<std::string()> help;
  std::function<int()> run;
};

// The message is escaped by who makes it.
int usage_error(std::string_view message, std::string_view help, bool json) {
  print_message(fmt::format("{} (see 'mimobox-wasm {}')", message, help));
  if (json) print(STDOUT_FILENO, error_json("usage", message, 0, kStatusOwnFailure));
  return kStatusOwnFailure;
}

// A bare path of a module is short for `run` and that path; so are options of it.
bool begins_a_run(std::string_view word) {
  if (word.starts_with('-')) {
    return word != "-h" && word != "--help" && word != "-V" && word != "--version";
  }
  return word.find('/') != std::string_view::npos || word.ends_with(".wasm") ||
         word.ends_with(".wat") || word.ends_with(".cwasm");
}

// The first word that should have been an option; empty when it was something else.
std::string unknown_option(const CLI::App& parser, const Words& words) {
  for (const std::string& word : words) {
    const std::string name = word.substr(0, word.find('='));
    if (name.starts_with("--") && parser.get_option_no_throw(name) == nullptr) return name;
  }
  return "";
}

// `others`: what else might have stood there.
std::string no_command(const std::string& word, const Words& names, std::string_view others) {
  return fmt::format("no command '{}'{} (commands: {}{})", escape_for_terminal(word),
                     suggest(word, names), fmt::join(names, ", "), others);
}

// The parser's texts, for what wrong usage there is, in ours.
std::string in_our_words(std::string_view text) {
  const std::string_view subject = text.substr(0, text.find(": "));
  if (text.ends_with(" missing")) return fmt::format("{}: its value is missing", subject);
  if (text.contains(": At Most 1 required but ")) return fmt::format("{}: given twice", subject);
  if (text.ends_with(" was given a disallowed flag override")) {
    return fmt::format("--{}: takes no value", text.substr(0, text.find(' ')));
  }
  if (text == "A subcommand is required") return "no command given";
  return std::string(text);
}

// What is wrong with the words, of which the first names `parser`.
std::string explain(const CLI::ParseError& error, const CLI::App& parser, const Words& words) {
  const std::vector<const CLI::App*> nested = parser.get_subcommands(nullptr);
  if (!nested.empty() && words.size() > 1 && !words[1].starts_with('-')) {
    Words names;
    for (const CLI::App* command : nested) {
      if (command->get_name() == words[1]) {
        return explain(error, *command, Words(words.begin() + 1, words.end()));
      }
      names.push_back(command->get_name());
    }
    return no_command(words[1], names, "");
  }
  const std::string unknown = unknown_option(parser, words);
  if (unknown.empty()) return escape_for_terminal(in_our_words(error.what()));
  Words known;
  if (parser.get_name() == "run") {
    known = run_option_names();  // the parser has those only that were named
  } else {
    for (const CLI::Option* option : parser.get_options())
      known.push_back(option->get_name());
  }
  return fmt::format("no option '{}'{}", escape_for_terminal(unknown), suggest(unknown, known));
}

class Parser {
 public:
  explicit Parser(const StandardDescriptors& descriptors)
      : app_("", "mimobox-wasm"), descriptors_(descriptors) {
    app_.require_subcommand(0, 1);
    app_.add_flag("-V,--version", wants_version_);
    commands_ = {
        {"run", [this] { return add_run(app_, run_texts_, OptionFilter(*words_)); }, run_help,
         [this] { return run_guest(); }},
        {"inspect", [this] { return add_inspect(app_, inspect_options_); },
         [] { return std::string(inspect_help()); }, [this] { return inspect(inspect_options_); }},
        {"compile", [this] { return add_compile(app_, compile_options_); },
         [] { return std::string(compile_help()); }, [this] { return compile(compile_options_); }},
        {"cache", [this] { return add_cache(app_, cache_options_); },
         [this] { return cache_help(cache_options_); }, [this] { return cache(cache_options_); }},
        {"bench", [this] { return add_bench(app_, bench_texts_); }, bench_help,
         [this] { return run_bench(); }},
        {"doctor", [this] { return add_doctor(app_, doctor_options_); },
         [] { return std::string(doctor_help()); }, [this] { return doctor(doctor_options_); }},
        {"policy", [this] { return add_policy(app_, policy_options_); },
         [this] { return policy_help(policy_options_); },
         [this] { return policy(policy_options_); }},
        {"version", [this] { return app_.add_subcommand("version"); },
         [] { return std::string(version_help()); }, version},
    };
  }

  int main(Words words) {
    if (!words.empty() && begins_a_run(words.front())) words.insert(words.begin(), "run");
    if (!words.empty() && !words.front().starts_with('-') && find(words.front()) == nullptr) {
      return no_such_command(words.front());
    }
    const Command* const named = words.empty() ? nullptr : find(words.front());
    words_ = &words;
    const CLI::App& parser = named ? *named->add() : add_all();
    if (named && (named->name == "run" || named->name == "bench")) {
      guest_words_ = cut_guest_words(parser, words);
    }
    json_ = std::ranges::find(words, "--json") != words.end();
    try {
      app_.parse(Words(words.rbegin(), words.rend()));  // reversed, as CLI11 wants them
    } catch (const CLI::CallForHelp&) {
      return print_result(named ? named->help() : std::string(kMainHelp), 0);
    } catch (const CLI::ParseError& error) {
      return wrong_usage(explain(error, parser, words));
    }
    if (named) return named->run();
    if (wants_version_) return version();
    print(STDERR_FILENO, kMainHelp);
    return kStatusOwnFailure;
  }

 private:
  const Command* find(std::string_view name) const {
    const auto found = std::ranges::find(commands_, name, &Command::name);
    return found == commands_.end() ? nullptr : &*found;
  }

  // For words that begin with an option.
  const CLI::App& add_all() {
    for (const Command& command : commands_)
      command.add();
    return app_;
  }

  int no_such_command(const std::string& word) const {
    Words names;
    for (const Command& command : commands_)
      names.emplace_back(command.name);
    return usage_error(
        no_command(word, names, "; the path of a module holds a '/' or ends in .wasm or .wat"),
        "--help", false);
  }

  int wrong_usage(std::string_view message) const {
    const auto subcommands = app_.get_subcommands();
    const std::string help =
        subcommands.empty() ? "--help" : subcommands.front()->get_name() + " --help";
    return usage_error(message, help, json_);
  }

  int run_guest() {
    auto options = read_options(run_texts_, std::move(guest_words_));
    if (!options) return wrong_usage(options.error());
    options->has_stdout = descriptors_.has_stdout;
    return run(*options);
  }

  int run_bench() {
    std::string wrong;
    const std::optional<int> status = bench(bench_texts_, std::move(guest_words_), wrong);
    return status ? *status : wrong_usage(wrong);
  }

  CLI::App app_;
  const StandardDescriptors descriptors_;
  bool wants_version_ = false;
  bool json_ = false;
  const Words* words_ = nullptr;
  RunTexts run_texts_;
  Words guest_words_;
  BenchTexts bench_texts_;
  InspectOptions inspect_options_;
  CompileOptions compile_options_;
  CacheOptions cache_options_;
  DoctorOptions doctor_options_;
  PolicyOptions policy_options_;
  std::vector<Command> commands_;
};

}  // namespace
}  // namespace mimobox::cli

int main(int argc, char** argv) {
  if (const auto status = mimobox::serve_as_compile_helper(argc, argv)) return *status;
  // Nobody could be told why when there is not even /dev/null.
  const auto descriptors = mimobox::cli::reserve_standard_descriptors();
  if (!descriptors) return mimobox::cli::kStatusOwnFailure;
  try {
    return mimobox::cli::Parser(*descriptors).main({argv + std::min(argc, 1), argv + argc});
  } catch (const std::exception& error) {
    mimobox::cli::print_message(mimobox::cli::escape_for_terminal(error.what()));
    return mimobox::cli::kStatusOwnFailure;
  }
}
