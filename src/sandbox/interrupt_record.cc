#include "sandbox/interrupt_record.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "mimobox/runtime.h"

#include "base/file_lock.h"
#include "base/interrupted.h"
#include "base/processor.h"
#include "base/sha256.h"
#include "base/write_file.h"
#include "cache/note.h"
#include "cache/trust.h"
#include "cache/upkeep.h"
#include "engine/engine.h"

namespace mimobox::internal {
namespace {

constexpr std::string_view kMagic = "mimobox interrupt 2\n";
constexpr std::size_t kMaxRecordBytes = 1U << 20;
/// A test takes 40 ms when nothing is in its way.
constexpr std::chrono::seconds kLongestTest{2};

std::string machine_id() {
  const base::UniqueFd file(base::open_again("/etc/machine-id", O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text{};
  const auto size = file.valid() ? ::read(file.get(), text.data(), text.size()) : 0;
  return {text.data(), static_cast<std::size_t>(size < 0 ? 0 : size)};
}

std::string file_name() {
  utsname kernel{};
  ::uname(&kernel);
  const std::string key = fmt::format(
      "{}\n{}\n{}\n{}\n{} {} {}\n{}\n", version(), engine::engine_version(), engine::engine_build(),
      machine_id(), kernel.sysname, kernel.release, kernel.version, base::processor_features());
  const auto digest = base::sha256(std::as_bytes(std::span(key)));
  return std::string(cache::kMachineRecordPrefix) + base::to_hex(digest).substr(0, 32);
}

}  // namespace

std::optional<InterruptRecord> InterruptRecord::open(int folder, std::string* why) {
  base::UniqueFd file(base::openat_again(
      folder, file_name().c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  struct stat status{};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) {
    *why = fmt::format("the self-test's result cannot be kept in the cache folder: {}",
                       std::strerror(errno));
    return std::nullopt;
  }
  if (!cache::trusted_file(status, cache::Owner::kUser)) {
    *why = "the self-test's result in the cache folder is not this user's alone";
    return std::nullopt;
  }
  cache::touch(file.get());  // what is not used for long is deleted (cache::prune)
  return InterruptRecord(std::move(file));
}

InterruptRecord::Content InterruptRecord::read() const {
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0 || status.st_size <= 0 ||
      static_cast<std::size_t>(status.st_size) > kMaxRecordBytes) {
    return {};
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  if (!base::read_exactly(file_.get(), std::as_writable_bytes(std::span(text)), 0)) return {};
  // A write that was cut short, or bits that fell over, make no other record of it.
  constexpr std::size_t kDigest = 64;
  if (text.size() < kDigest) return {};
  const std::string_view body = std::string_view(text).substr(kDigest);
  if (base::to_hex(base::sha256(std::as_bytes(std::span(body)))) != text.substr(0, kDigest))
    return {};
  if (!body.starts_with(kMagic)) return {};
  const std::string_view rest = body.substr(kMagic.size());
  const std::string_view word = rest.substr(0, rest.find('\n'));
  const std::string_view after = rest.substr(std::min(rest.size(), word.size() + 1));
  if (word == "testing") {
    unsigned begun = 0;
    std::from_chars(after.data(), after.data() + after.size(), begun);
    return {.state = State::kTesting, .tests_begun = begun};
  }
  if (word == "failed") return {.state = State::kFailed, .reason = std::string(after)};
  if (word != "passed") return {};
  const auto bytes = std::as_bytes(std::span(after));
  return {.state = State::kPassed, .trap_site = {bytes.begin(), bytes.end()}};
}

bool InterruptRecord::lock() const noexcept {
  return base::lock_file(file_.get(), kLongestTest);
}

void InterruptRecord::write(const Content& content) const {
  std::string body(kMagic);
  switch (content.state) {
    case State::kNone:
      if (::ftruncate(file_.get(), 0) != 0) return;  // then it says what it said
      return;
    case State::kTesting:
      body += "testing\n" + std::to_string(content.tests_begun);
      break;
    case State::kFailed:
      body += "failed\n" + content.reason;
      break;
    case State::kPassed:
      body += "passed\n";
      body.append(reinterpret_cast<const char*>(content.trap_site.data()),
                  content.trap_site.size());
      break;
  }
  const std::string digest = base::to_hex(base::sha256(std::as_bytes(std::span(body))));
  if (::ftruncate(file_.get(), 0) != 0 || ::lseek(file_.get(), 0, SEEK_SET) != 0) return;
  if (base::write_all(file_.get(), std::as_bytes(std::span(digest))) != 0) return;
  static_cast<void>(base::write_all(file_.get(), std::as_bytes(std::span(body))));
}

}  // namespace mimobox::internal
