#ifndef MIMOBOX_TESTS_INTEGRATION_HARNESS_H_
#define MIMOBOX_TESTS_INTEGRATION_HARNESS_H_

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/module.h"
#include "mimobox/result.h"
#include "mimobox/run_request.h"
#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

// What all integration tests share. A helper whose own step fails throws, which fails the test.

namespace mimobox::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MIMOBOX_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(undefined_behavior_sanitizer)
#define MIMOBOX_TEST_SANITIZED 1
#endif
#endif

/// How much later than its limit a run may end before a test calls the deadline missed.
#ifdef MIMOBOX_TEST_SANITIZED
inline constexpr std::chrono::milliseconds kDeadlineSlack{2000};
#else
inline constexpr std::chrono::milliseconds kDeadlineSlack{250};
#endif

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kPage = 64 * kKiB;

/// The path of a compiled guest ("hello.wasm") or of one in the text format ("empty.wat").
[[nodiscard]] std::filesystem::path guest_path(std::string_view file);

/// A runtime of default settings, one for the whole process.
[[nodiscard]] const Runtime& shared_runtime();

/// A guest, loaded by the shared runtime.
[[nodiscard]] Module load_guest(std::string_view file);

/// A module in the text format, loaded by the shared runtime.
[[nodiscard]] Result<Module> load_text(std::string_view text);

[[nodiscard]] std::unique_ptr<WasmSandbox> make_sandbox(SandboxConfig config = {});

/// Loads and runs a guest in a sandbox of its own.
[[nodiscard]] Result<RunResult> run_guest(std::string_view file, const RunRequest& request = {},
                                          const SandboxConfig& config = {});

[[nodiscard]] std::span<const std::byte> bytes_of(std::string_view text);

/// A pipe whose ends close with it.
class Pipe {
 public:
  Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe();

  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_reader() { close_end(ends_[0]); }
  void close_writer() { close_end(ends_[1]); }
  void write(std::string_view text) const;
  /// One byte; blocks until there is one.
  [[nodiscard]] char read_byte() const;

 private:
  static void close_end(int& end);

  int ends_[2] = {-1, -1};
};

/// A folder that goes with its contents.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] std::filesystem::path path(std::string_view name) const { return root_ / name; }
  /// Writes a file in it and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view contents) const;

 private:
  std::filesystem::path root_;
};

/// A module in the text format that takes a compiler a good part of a second.
[[nodiscard]] std::string large_module_text();

}  // namespace mimobox::testing

#endif  // MIMOBOX_TESTS_INTEGRATION_HARNESS_H_
