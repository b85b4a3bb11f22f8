// What a guest's calls on files cost beside the system calls that a native program would make, in
// one run. Pairs are named Native/X and Guest/X; the marks are in docs/benchmarks of the project:
// reads and writes 1.3x, stat and open/close 2x, readdir 1.5x, a captured line 50 ns, 64 bytes to a
// descriptor 1.2x.
//
//   wasi_files_bench --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/blocking.h"
#include "base/stop_signal.h"
#include "wasi/clock_source.h"
#include "wasi/host.h"
#include "wasi/host_mount.h"
#include "wasi/poller.h"
#include "wasi/random_source.h"
#include "wasi/rights.h"

namespace {

using namespace mimobox;        // NOLINT(google-build-using-namespace)
using namespace mimobox::wasi;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kFileBytes = 4U << 20U;
constexpr std::size_t kBlock = 4096;
constexpr int kEntries = 10'000;

/// A folder with what the benchmarks look at.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "mimobox-bench-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
    std::filesystem::create_directories(path_ + "/d/e");
    std::filesystem::create_directory(path_ + "/many");
    for (const char* name : {"f", "d/f", "d/e/f"})
      std::ofstream(path_ + "/" + name) << std::string(kFileBytes, 'x');
    for (int i = 0; i < kEntries; ++i)
      std::ofstream(path_ + "/many/entry" + std::to_string(i));
    fd_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    ::close(fd_);
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  std::string path_;
  int fd_ = -1;
};

Folder& folder() {
  static Folder instance;
  return instance;
}

class NoBlocking final : public base::BlockingNotice {
 public:
  void begin_blocking() noexcept override {}
  void end_blocking() noexcept override {}
};

/// A guest with the folder as number 3, or a scratch that is filled alike.
class Guest {
 public:
  static constexpr std::uint32_t kPath = 1024;
  static constexpr std::uint32_t kData = 65'536;

  explicit Guest(Output output = OutputCapture{}) : memory_(1U << 20U) {
    auto mount = HostMount::open(folder().path(), "/", {});
    if (!mount) std::abort();
    mount_.emplace(std::move(*mount));
    grants_ = {&*mount_};
    host_.emplace(HostConfig{.args = {},
                             .environ = {},
                             .input = InputNone{},
                             .output = output,
                             .error = OutputDiscard{},
                             .clock = &clock_,
                             .random = &random_,
                             .poller = &poller_,
                             .stop = &stop_,
                             .blocking = &blocking_,
                             .grants = grants_});
  }

  static const base::HostFunction& find(std::string_view name) {
    return *std::ranges::find(functions(), name, &base::HostFunction::name);
  }
  std::int32_t call(const base::HostFunction& function,
                    std::initializer_list<std::uint64_t> arguments) {
    base::RawValue values[16];
    std::size_t at = 0;
    for (const std::uint64_t argument : arguments)
      values[at++].i64 = static_cast<std::int64_t>(argument);
    function.call(&*host_, memory_, values);
    return values[0].i32;
  }
  void put(std::uint32_t at, std::string_view text) {
    std::memcpy(memory_.data() + at, text.data(), text.size());
  }
  void put_iovec(std::uint32_t pointer, std::uint32_t length) {
    std::memcpy(memory_.data() + 16, &pointer, 4);
    std::memcpy(memory_.data() + 20, &length, 4);
  }
  std::uint32_t result() {
    std::uint32_t value = 0;
    std::memcpy(&value, memory_.data() + 8, 4);
    return value;
  }
  std::uint32_t open(std::string_view path, std::uint64_t rights, std::uint32_t oflags = 0) {
    put(kPath, path);
    const auto error = call(find("path_open"), {3, 0, kPath, path.size(), oflags, rights,
                                                (oflags & 2) != 0 ? kInheritedRights : 0, 0, 8});
    if (error != 0) std::abort();
    return result();
  }
  [[nodiscard]] const std::byte* data() const { return memory_.data() + kData; }

 private:
  std::vector<std::byte> memory_;
  std::optional<HostMount> mount_;
  std::vector<Grant> grants_;
  SystemClock clock_;
  SystemRandom random_;
  SystemPoller poller_;
  base::StopSignal stop_;
  NoBlocking blocking_;
  std::optional<Host> host_;
};

void check(benchmark::State& state, bool good) {
  if (!good) state.SkipWithError("a call failed");
}

void NativeRead(benchmark::State& state) {
  const int fd = ::openat(folder().fd(), "f", O_RDONLY | O_CLOEXEC);
  std::vector<char> buffer(kBlock);
  for ([[maybe_unused]] auto step : state) {
    if (::read(fd, buffer.data(), kBlock) != kBlock) ::lseek(fd, 0, SEEK_SET);
  }
  ::close(fd);
}
BENCHMARK(NativeRead)->Name("Native/Read4K");

void GuestRead(benchmark::State& state) {
  Guest guest;
  const std::uint32_t fd = guest.open("f", kFileRights & ~kRightFdWrite);
  guest.put_iovec(Guest::kData, kBlock);
  const auto& read = Guest::find("fd_read");
  const auto& seek = Guest::find("fd_seek");
  for ([[maybe_unused]] auto step : state) {
    check(state, guest.call(read, {fd, 16, 1, 8}) == 0);
    if (guest.result() != kBlock) guest.call(seek, {fd, 0, 0, 32});
  }
}
BENCHMARK(GuestRead)->Name("Guest/Read4K");

void NativeWrite(benchmark::State& state) {
  const int fd = ::openat(folder().fd(), "f", O_RDWR | O_CLOEXEC);
  const std::vector<char> buffer(kBlock);
  std::size_t done = 0;
  for ([[maybe_unused]] auto step : state) {
    check(state, ::write(fd, buffer.data(), kBlock) == kBlock);
    done += kBlock;
    if (done % kFileBytes == 0) ::lseek(fd, 0, SEEK_SET);
  }
  ::close(fd);
}
BENCHMARK(NativeWrite)->Name("Native/Write4K");

void GuestWrite(benchmark::State& state) {
  Guest guest;
  const std::uint32_t fd = guest.open("f", kFileRights);
  guest.put_iovec(Guest::kData, kBlock);
  const auto& write = Guest::find("fd_write");
  const auto& seek = Guest::find("fd_seek");
  std::size_t done = 0;
  for ([[maybe_unused]] auto step : state) {
    check(state, guest.call(write, {fd, 16, 1, 8}) == 0);
    done += kBlock;
    if (done % kFileBytes == 0) guest.call(seek, {fd, 0, 0, 32});
  }
}
BENCHMARK(GuestWrite)->Name("Guest/Write4K");

void native_stat(benchmark::State& state, const char* path) {
  struct stat status{};
  for ([[maybe_unused]] auto step : state)
    check(state, ::fstatat(folder().fd(), path, &status, 0) == 0);
}
void guest_stat(benchmark::State& state, std::string_view path) {
  Guest guest;
  guest.put(Guest::kPath, path);
  const auto& stat = Guest::find("path_filestat_get");
  for ([[maybe_unused]] auto step : state)
    check(state, guest.call(stat, {3, 1, Guest::kPath, path.size(), Guest::kData}) == 0);
}
BENCHMARK_CAPTURE(native_stat, f, "f")->Name("Native/Stat/f");
BENCHMARK_CAPTURE(guest_stat, f, "f")->Name("Guest/Stat/f");
BENCHMARK_CAPTURE(native_stat, d_f, "d/f")->Name("Native/Stat/d_f");
BENCHMARK_CAPTURE(guest_stat, d_f, "d/f")->Name("Guest/Stat/d_f");
BENCHMARK_CAPTURE(native_stat, d_e_f, "d/e/f")->Name("Native/Stat/d_e_f");
BENCHMARK_CAPTURE(guest_stat, d_e_f, "d/e/f")->Name("Guest/Stat/d_e_f");

void native_open(benchmark::State& state, const char* path) {
  for ([[maybe_unused]] auto step : state) {
    const int fd = ::openat(folder().fd(), path, O_RDONLY | O_CLOEXEC);
    check(state, fd >= 0);
    ::close(fd);
  }
}
void guest_open(benchmark::State& state, std::string_view path) {
  Guest guest;
  guest.put(Guest::kPath, path);
  const auto& open = Guest::find("path_open");
  const auto& close = Guest::find("fd_close");
  for ([[maybe_unused]] auto step : state) {
    check(state, guest.call(open, {3, 1, Guest::kPath, path.size(), 0, kFileRights & ~kRightFdWrite,
                                   0, 0, 8}) == 0);
    guest.call(close, {guest.result()});
  }
}
BENCHMARK_CAPTURE(native_open, f, "f")->Name("Native/OpenClose/f");
BENCHMARK_CAPTURE(guest_open, f, "f")->Name("Guest/OpenClose/f");
BENCHMARK_CAPTURE(native_open, d_f, "d/f")->Name("Native/OpenClose/d_f");
BENCHMARK_CAPTURE(guest_open, d_f, "d/f")->Name("Guest/OpenClose/d_f");
BENCHMARK_CAPTURE(native_open, d_e_f, "d/e/f")->Name("Native/OpenClose/d_e_f");
BENCHMARK_CAPTURE(guest_open, d_e_f, "d/e/f")->Name("Guest/OpenClose/d_e_f");

void NativeReaddir(benchmark::State& state) {
  DIR* directory = ::fdopendir(::openat(folder().fd(), "many", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for ([[maybe_unused]] auto step : state) {
    ::rewinddir(directory);
    int count = 0;
    while (::readdir(directory) != nullptr)
      ++count;
    check(state, count == kEntries + 2);
  }
  ::closedir(directory);
}
BENCHMARK(NativeReaddir)->Name("Native/Readdir10000");

/// As wasi-libc does: a buffer of 4 KiB, again from the last entry that came whole.
void GuestReaddir(benchmark::State& state) {
  Guest guest;
  const std::uint32_t fd = guest.open("many", kDirectoryRights, 2);
  const auto& readdir = Guest::find("fd_readdir");
  for ([[maybe_unused]] auto step : state) {
    std::uint64_t cookie = 0;
    int count = 0;
    std::uint32_t used = kBlock;
    while (used == kBlock) {
      check(state, guest.call(readdir, {fd, Guest::kData, kBlock, cookie, 8}) == 0);
      used = guest.result();
      for (std::uint32_t at = 0; at + 24 <= used;) {
        std::uint32_t length = 0;
        std::memcpy(&length, guest.data() + at + 16, 4);
        if (at + 24 + length > used) break;
        std::memcpy(&cookie, guest.data() + at, 8);
        at += 24 + length;
        ++count;
      }
    }
    check(state, count == kEntries + 2);
  }
}
BENCHMARK(GuestReaddir)->Name("Guest/Readdir10000");

void GuestCapturedLine(benchmark::State& state) {
  Guest guest(Output{OutputCapture{}, {.bytes = 1U << 20U}});
  guest.put(Guest::kData, "a line of text, as printf writes it\n");
  guest.put_iovec(Guest::kData, 36);
  const auto& write = Guest::find("fd_write");
  for ([[maybe_unused]] auto step : state)
    check(state, guest.call(write, {1, 16, 1, 8}) == 0);
}
BENCHMARK(GuestCapturedLine)->Name("Guest/CapturedLine");

void NativeWrite64(benchmark::State& state) {
  const int fd = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  const std::string bytes(64, 'x');
  for ([[maybe_unused]] auto step : state)
    check(state, ::write(fd, bytes.data(), bytes.size()) == 64);
  ::close(fd);
}
BENCHMARK(NativeWrite64)->Name("Native/Write64ToNull");

void GuestWrite64(benchmark::State& state) {
  const int fd = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  {
    Guest guest(OutputFd{fd});
    guest.put_iovec(Guest::kData, 64);
    const auto& write = Guest::find("fd_write");
    for ([[maybe_unused]] auto step : state)
      check(state, guest.call(write, {1, 16, 1, 8}) == 0);
  }
  ::close(fd);
}
BENCHMARK(GuestWrite64)->Name("Guest/Write64ToNull");

void write64_to_file(benchmark::State& state, bool native) {
  std::string pattern = std::filesystem::temp_directory_path() / "mimobox-bench-XXXXXX";
  const int fd = ::mkstemp(pattern.data());
  {
    Guest guest(OutputFd{fd});
    guest.put_iovec(Guest::kData, 64);
    const auto& write = Guest::find("fd_write");
    std::size_t done = 0;
    for ([[maybe_unused]] auto step : state) {
      check(state,
            native ? ::write(fd, guest.data(), 64) == 64 : guest.call(write, {1, 16, 1, 8}) == 0);
      done += 64;
      if (done % kFileBytes == 0) ::lseek(fd, 0, SEEK_SET);
    }
  }
  ::close(fd);
  ::unlink(pattern.c_str());
}
BENCHMARK_CAPTURE(write64_to_file, native, true)->Name("Native/Write64ToFile");
BENCHMARK_CAPTURE(write64_to_file, guest, false)->Name("Guest/Write64ToFile");

}  // namespace
