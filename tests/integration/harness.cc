#include "tests/integration/harness.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <ios>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

#include "tests/paths.h"

namespace mimobox::testing {
namespace {

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

/// Gives each test an empty cache of compiled code, also for the commands that it starts: what a
/// test sees must not depend on what ran before, here or on this machine.
class EmptyCaches : public ::testing::EmptyTestEventListener {
 public:
  void OnTestStart(const ::testing::TestInfo& /*test*/) override {
    folder_.emplace();
    ::setenv("MIMOBOX_CACHE_DIR", folder_->path("cache").c_str(), 1);
    ::unsetenv("MIMOBOX_CACHE_KEY");
  }
  void OnTestEnd(const ::testing::TestInfo& /*test*/) override { folder_.reset(); }

 private:
  std::optional<TemporaryFolder> folder_;
};

class CacheEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    ::testing::UnitTest::GetInstance()->listeners().Append(new EmptyCaches);  // it owns them
  }
};

const auto* const kCacheEnvironment = ::testing::AddGlobalTestEnvironment(new CacheEnvironment);

}  // namespace

std::filesystem::path guest_path(std::string_view file) {
  return std::filesystem::path(kGuestFolder) / file;
}

namespace {

/// MIMOBOX_TEST_INTERRUPT=epoch runs the tests in the way that this machine would not choose.
RuntimeConfig shared_config() {
  RuntimeConfig config{.disk_cache = false, .cache_modules = 0};
  const char* const way = std::getenv("MIMOBOX_TEST_INTERRUPT");
  if (way != nullptr && std::string_view(way) == "epoch") config.interrupt = Interrupt::kEpoch;
  return config;
}

}  // namespace

const Runtime& shared_runtime() {
  // Each test loads and compiles for itself, whatever tests ran before it in this process.
  static const Runtime kRuntime = Runtime::create(shared_config()).value();
  return kRuntime;
}

Module load_guest(std::string_view file) {
  Result<Module> module = shared_runtime().load(guest_path(file));
  if (!module) throw std::runtime_error(std::string(file) + ": " + module.error().message);
  return *std::move(module);
}

Result<Module> load_text(std::string_view text) {
  return shared_runtime().load_bytes(bytes_of(text), "text.wat");
}

std::unique_ptr<WasmSandbox> make_sandbox(SandboxConfig config) {
  return WasmSandbox::create(shared_runtime(), std::move(config)).value();
}

Result<RunResult> run_guest(std::string_view file, const RunRequest& request,
                            const SandboxConfig& config) {
  return make_sandbox(config)->execute(load_guest(file), request);
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Pipe::Pipe() {
  check(::pipe(ends_) == 0, "pipe");
}

Pipe::~Pipe() {
  close_reader();
  close_writer();
}

void Pipe::write(std::string_view text) const {
  const ssize_t written = ::write(writer(), text.data(), text.size());
  check(written == static_cast<ssize_t>(text.size()), "write to pipe");
}

char Pipe::read_byte() const {
  char byte = 0;
  check(::read(reader(), &byte, 1) == 1, "read from pipe");
  return byte;
}

void Pipe::close_end(int& end) {
  if (end >= 0) ::close(end);
  end = -1;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "mimobox-test-XXXXXX").string();
  check(::mkdtemp(name.data()) != nullptr, "mkdtemp");
  root_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::filesystem::path TemporaryFolder::write(std::string_view name,
                                             std::string_view contents) const {
  std::ofstream file(path(name), std::ios::binary);
  file << contents;
  file.close();
  check(file.good(), "write a temporary file");
  return path(name);
}

std::string large_module_text() {
  std::string text = "(module (memory (export \"memory\") 1)\n";
  for (int function = 0; function < 300; ++function) {
    text += "(func (param i32) (result i32) local.get 0\n";
    for (int step = 0; step < 400; ++step) {
      text += "i32.const " + std::to_string(function * 7919 + step * 31) +
              (step % 3 == 0 ? " i32.mul local.get 0 i32.xor i32.load\n" : " i32.add\n");
    }
    text += ")\n";
  }
  return text + "(func (export \"_start\")))";
}

}  // namespace mimobox::testing
