#ifndef MIMOBOX_TESTS_SOAK_PROCESS_SIZE_H_
#define MIMOBOX_TESTS_SOAK_PROCESS_SIZE_H_

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace mimobox::soak {

/// What a process holds, as the kernel counts it.
struct ProcessSize {
  std::uint64_t resident_bytes = 0;
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t mappings = 0;

  [[nodiscard]] static ProcessSize now() {
    ProcessSize size;
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> pages;
    size.resident_bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    size.descriptors = entries("/proc/self/fd");
    size.threads = entries("/proc/self/task");
    std::ifstream maps("/proc/self/maps");
    size.mappings = static_cast<std::size_t>(
        std::count(std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>(), '\n'));
    return size;
  }

 private:
  static std::size_t entries(const char* folder) {
    const std::filesystem::directory_iterator found(folder);
    return static_cast<std::size_t>(std::distance(begin(found), end(found)));
  }
};

}  // namespace mimobox::soak

#endif  // MIMOBOX_TESTS_SOAK_PROCESS_SIZE_H_
