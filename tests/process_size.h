#ifndef MIMOBOX_TESTS_PROCESS_SIZE_H_
#define MIMOBOX_TESTS_PROCESS_SIZE_H_

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>

// What this process holds, as the kernel counts it.

namespace mimobox::testing {

/// The first two figures of /proc/self/statm, in bytes.
struct ProcessPages {
  std::uint64_t mapped = 0;
  std::uint64_t resident = 0;
};

[[nodiscard]] inline ProcessPages process_pages() {
  ProcessPages pages;
  std::ifstream("/proc/self/statm") >> pages.mapped >> pages.resident;
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return {.mapped = pages.mapped * page_bytes, .resident = pages.resident * page_bytes};
}

[[nodiscard]] inline std::uint64_t resident_bytes() {
  return process_pages().resident;
}

/// Of "/proc/self/fd" (the one that this looks through included) or "/proc/self/task".
[[nodiscard]] inline std::size_t entries_of(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator found(folder);
  return static_cast<std::size_t>(std::distance(begin(found), end(found)));
}

[[nodiscard]] inline std::size_t mappings() {
  std::ifstream maps("/proc/self/maps");
  return static_cast<std::size_t>(
      std::count(std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>(), '\n'));
}

struct ProcessSize {
  std::uint64_t resident_bytes = 0;
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t mappings = 0;

  [[nodiscard]] static ProcessSize now() {
    return {.resident_bytes = testing::resident_bytes(),
            .descriptors = entries_of("/proc/self/fd"),
            .threads = entries_of("/proc/self/task"),
            .mappings = testing::mappings()};
  }
};

}  // namespace mimobox::testing

#endif  // MIMOBOX_TESTS_PROCESS_SIZE_H_
