#include "bench/prepared_workload.h"

#include <cstdlib>
#include <span>

#include <fmt/format.h>

namespace mimobox::bench {

Result<PreparedWorkload> PreparedWorkload::create(const BenchWorkload& workload,
                                                  const TemporaryFolder& home) {
  PreparedWorkload prepared(workload);
  const std::string below = "workload-" + workload.name;
  if (auto made = home.make_empty(below); !made) return std::unexpected(std::move(made).error());
  // Programs go by the ending of a module's name; a file of text keeps its own.
  const bool ends = workload.name.ends_with(".wasm") || workload.name.ends_with(".wat");
  auto module = home.write(fmt::format("{}/{}{}", below, workload.name, ends ? "" : ".wasm"),
                           workload.module);
  if (!module) return std::unexpected(std::move(module).error());
  prepared.module_path_ = *std::move(module);
  if (!workload.input.empty()) {
    auto input = home.write(below + "/input", std::as_bytes(std::span(workload.input)));
    if (!input) return std::unexpected(std::move(input).error());
    prepared.input_path_ = *std::move(input);
  }
  prepared.args_ = workload.args;
  if (workload.wants_folder) {
    auto folder = home.make_empty(below + "/folder");
    if (!folder) return std::unexpected(std::move(folder).error());
    prepared.folder_ = *std::move(folder);
    prepared.args_.emplace_back(kBenchFolder);
  }
  return prepared;
}

SandboxConfig PreparedWorkload::sandbox_config() const {
  SandboxConfig config{.limits = workload_->limits};
  if (!folder_.empty()) {
    config.mounts.push_back({.host_path = folder_,
                             .guest_path = std::string(kBenchFolder),
                             .access = Access::kReadWrite});
  }
  return config;
}

RunRequest PreparedWorkload::request() const {
  RunRequest request{.args = args_};
  if (!workload_->input.empty()) request.input = InputBytes{workload_->input};
  return request;
}

std::vector<std::string> PreparedWorkload::command(const std::string& program) const {
  std::vector<std::string> command = {program, "run", "--memory",
                                      fmt::format("{}", workload_->limits.memory_bytes)};
  if (!folder_.empty()) {
    command.insert(command.end(), {"--dir", fmt::format("{}::{}", folder_, kBenchFolder)});
  }
  command.push_back(module_path_);
  command.insert(command.end(), args_.begin(), args_.end());
  return command;
}

std::vector<std::string> process_environment(const TemporaryFolder& home) {
  const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
  return {fmt::format("PATH={}", path == nullptr ? "/usr/bin:/bin" : path),
          fmt::format("HOME={}", home.path()),
          fmt::format("XDG_CACHE_HOME={}", home.path_of(kCaches))};
}

}  // namespace mimobox::bench
