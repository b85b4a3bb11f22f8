#include "cli/bench.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <expected>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mimobox/bench.h"
#include "mimobox/error.h"

#include "cli/bench_report.h"
#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/print.h"
#include "cli/read_input.h"
#include "cli/report.h"
#include "cli/result_json.h"
#include "cli/stop_signals.h"

namespace mimobox::cli {
namespace {

constexpr int kStatusTargetMissed = 1;

int finish(const SandboxError& error, bool json) {
  const int status = status_of(error.code);
  print_message(why(error));
  if (json) print(STDOUT_FILENO, error_json(error, status));
  return status;
}

/// The step at work, in one line of a terminal that the next one overwrites.
class ProgressLine {
 public:
  void show(const BenchProgress& progress) const {
    if (!is_terminal_) return;
    print(STDERR_FILENO, fmt::format("\r\x1b[K[{}/{}] {}", progress.step, progress.steps,
                                     escape_for_terminal(progress.what)));
  }
  void clear() const {
    if (is_terminal_) print(STDERR_FILENO, "\r\x1b[K");
  }

 private:
  bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
};

/// Where this very program is, to be started again.
std::string own_path() {
  std::string path(4096, '\0');
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  path.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return path;
}

Result<void> take_module(const BenchTexts& texts, std::vector<std::string> guest_words,
                         BenchConfig& config) {
  const std::string path = std::move(guest_words.front());
  guest_words.erase(guest_words.begin());
  auto workload = bench_workload_of(path, std::move(guest_words));
  if (!workload) return std::unexpected(std::move(workload).error());
  if (texts.stdin_file) {
    auto input = read_input(*texts.stdin_file);
    if (!input) return std::unexpected(std::move(input).error());
    workload->input = *std::move(input);
  }
  config.workloads = {*std::move(workload)};
  return {};
}

/// Keeps the built-in workloads of these names; what is none of them is returned.
std::optional<std::string> keep_named(const std::vector<std::string>& names, BenchConfig& config) {
  if (names.empty()) return std::nullopt;
  for (const std::string& name : names) {
    if (std::ranges::find(config.workloads, name, &BenchWorkload::name) == config.workloads.end()) {
      return name;
    }
  }
  std::erase_if(config.workloads, [&](const BenchWorkload& workload) {
    return std::ranges::find(names, workload.name) == names.end();
  });
  return std::nullopt;
}

bool write_page(const std::string& path, const std::string& page) {
  std::ofstream file(path, std::ios::binary);
  file << page;
  file.close();
  if (file) return true;
  print_message(fmt::format("--html: {}: {}", escape_for_terminal(path), std::strerror(errno)));
  return false;
}

int show(const BenchReport& report, const BenchTexts& texts) {
  const int status = report.passed() ? 0 : kStatusTargetMissed;
  if (texts.html && !write_page(*texts.html, bench_html(report))) return kStatusOwnFailure;
  const std::string text = texts.json ? bench_json(report, status) : bench_text(report);
  return print_result(text, status);
}

}  // namespace

std::optional<int> bench(const BenchTexts& texts, std::vector<std::string> guest_words,
                         std::string& wrong) {
  // Before there is any other thread, which loading a module makes.
  StopSignals signals([](int signal, bool) { print_message(why_signal(signal)); });
  auto config = read_bench_options(texts);
  if (!config) {
    wrong = config.error();
    return std::nullopt;
  }
  if (!guest_words.empty()) {
    if (!texts.workloads.empty()) {
      wrong = "--workload: goes without MODULE";
      return std::nullopt;
    }
    if (auto taken = take_module(texts, std::move(guest_words), *config); !taken) {
      return finish(taken.error(), texts.json);
    }
  } else if (texts.stdin_file) {
    wrong = "--stdin: goes with MODULE";
    return std::nullopt;
  } else if (const auto unknown = keep_named(texts.workloads, *config)) {
    wrong = fmt::format("--workload: '{}' is none of the built-in ones (see bench --help)",
                        escape_for_terminal(*unknown));
    return std::nullopt;
  }
  if (auto valid = config->validate(); !valid) {
    wrong = escape_for_terminal(valid.error().message);
    return std::nullopt;
  }

  const ProgressLine line;
  // From here on a first signal only asks to stop: files are to be removed.
  signals.run_begins();
  config->command = own_path();
  config->stop = signals.token();
  config->progress = [&](const BenchProgress& progress) { line.show(progress); };
  const Result<BenchReport> report = run_benchmark(*config);
  line.clear();
  if (signals.received() != 0) {
    print_message(why_signal(signals.received()));
    return kStatusSignalBase + signals.received();
  }
  return report ? show(*report, texts) : finish(report.error(), texts.json);
}

}  // namespace mimobox::cli
