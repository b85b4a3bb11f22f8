#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mimobox/bench.h"
#include "mimobox/runtime.h"

#include "base/read_file.h"
#include "bench/guests.h"

namespace mimobox {
namespace {

/// Of the programs whose own work is next to nothing.
const std::vector<BenchStage> kAllStages = {
    BenchStage::kCompile,    BenchStage::kProcessCold, BenchStage::kProcessWarm, BenchStage::kCold,
    BenchStage::kNewSandbox, BenchStage::kHotPath,     BenchStage::kHot};

#ifdef MIMOBOX_BENCH_GUESTS

constexpr std::size_t kTextBytes = 1U << 20U;

/// English-looking text of which everybody who measures has the same.
std::string make_text() {
  static constexpr std::array<std::string_view, 24> kWords = {
      "the",   "of",     "and",    "sand",    "box",    "keeps",   "guest",  "from",
      "house", "memory", "time",   "borrow",  "return", "river",   "stone",  "measure",
      "twice", "cut",    "before", "morning", "letter", "counted", "window", "limit"};
  std::string text;
  text.reserve(kTextBytes + 16);
  std::uint32_t state = 1;
  for (std::size_t word = 1; text.size() < kTextBytes; ++word) {
    state = state * 1664525U + 1013904223U;
    text += kWords[(state >> 24U) % kWords.size()];
    // Some thousand words that differ, as in a book.
    if (word % 5 == 0) text += static_cast<char>('a' + (state >> 8U) % 26);
    if (word % 7 == 0) text += static_cast<char>('a' + (state >> 16U) % 26);
    text += word % 12 == 0 ? '\n' : ' ';
  }
  return text;
}

std::vector<std::byte> bytes_of(std::span<const std::byte> module) {
  return {module.begin(), module.end()};
}

std::vector<BenchWorkload> make_workloads() {
  namespace guests = bench::guests;
  std::vector<BenchWorkload> workloads = {
      {.name = "nothing",
       .summary = "a C program that does nothing",
       .module = bytes_of(guests::nothing()),
       .stages = kAllStages,
       .throughput = true,
       .compared = true,
       .checked = true},
      {.name = "printf",
       .summary = "prints one line by printf",
       .module = bytes_of(guests::print()),
       .stages = kAllStages,
       .throughput = true,
       .compared = true,
       .checked = true},
      {.name = "fib",
       .summary = "fib(30): 1.3 million calls",
       .module = bytes_of(guests::fib()),
       .stages = {BenchStage::kHot},
       .throughput = true,
       .compared = true},
      {.name = "touch",
       .summary = "allocates 60 MiB and touches each page",
       .module = bytes_of(guests::touch_memory()),
       .stages = {BenchStage::kHot},
       .compared = true},
      {.name = "copy",
       .summary = "fills and copies 512 KiB 32 times",
       .module = bytes_of(guests::copy_memory()),
       .stages = {BenchStage::kHot},
       .compared = true},
      {.name = "words",
       .summary = "counts the words of 1 MiB of text on standard input",
       .module = bytes_of(guests::wordcount()),
       .input = make_text(),
       .stages = {BenchStage::kHot},
       .compared = true},
      {.name = "files",
       .summary = "makes, writes, reads and removes 10,000 small files",
       .module = bytes_of(guests::small_files()),
       .wants_folder = true,
       .stages = {BenchStage::kHot},
       .compared = true},
  };
  for (const std::uint64_t mebibytes : {16ULL, 32ULL, 64ULL, 128ULL}) {
    workloads.push_back({.name = fmt::format("memory-{}M", mebibytes),
                         .summary = fmt::format("takes all of a limit of {} MiB", mebibytes),
                         .module = bytes_of(guests::use_all_memory()),
                         .limits = {.memory_bytes = mebibytes << 20U},
                         .stages = {BenchStage::kHot}});
  }
  return workloads;
}

#else

std::vector<BenchWorkload> make_workloads() {
  return {};
}

#endif

}  // namespace

std::vector<BenchWorkload> builtin_bench_workloads() {
  return make_workloads();
}

Result<BenchWorkload> bench_workload_of(const std::filesystem::path& path,
                                        std::vector<std::string> args) {
  // The library's own reading gives its errors, also for what is no module.
  const auto runtime = Runtime::create();
  if (!runtime) return std::unexpected(runtime.error());
  if (const auto module = runtime->load(path); !module) return std::unexpected(module.error());
  auto bytes = base::read_file(path.native(), kMaxModuleBytes);
  if (!bytes) {
    return std::unexpected(SandboxError{ErrorCode::kModuleUnreadable,
                                        fmt::format("{} changed while it was read", path.native()),
                                        bytes.error().os_errno});
  }
  return BenchWorkload{.name = path.filename().native(),
                       .summary = path.native(),
                       .module = std::move(*bytes),
                       .args = std::move(args),
                       .stages = kAllStages,
                       .throughput = true,
                       .compared = true,
                       .checked = true};
}

}  // namespace mimobox
