#include "sandbox/interrupt_record.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "mimobox/runtime.h"

#include "base/interrupted.h"
#include "base/processor.h"
#include "base/sha256.h"
#include "engine/engine.h"

namespace mimobox::internal {
namespace {

constexpr std::string_view kMagic = "mimobox interrupt 2\n";
constexpr std::size_t kMaxRecordBytes = 1U << 20;

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
  return "interrupt-" + base::to_hex(digest).substr(0, 32);
}

/// Owned by this user and written by nobody else.
bool is_ours_alone(int fd, mode_t type) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == type &&
         status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return true;
}

}  // namespace

std::optional<InterruptRecord> InterruptRecord::open(const std::filesystem::path& cache_folder,
                                                     std::string* why) {
  if (cache_folder.empty()) {
    *why = "there is no cache folder";
    return std::nullopt;
  }
  std::error_code error;
  std::filesystem::create_directories(cache_folder.parent_path(), error);
  ::mkdir(cache_folder.c_str(), 0700);
  const base::UniqueFd folder(
      base::open_again(cache_folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.valid()) {
    *why = fmt::format("{}: {}", cache_folder.native(), std::strerror(errno));
    return std::nullopt;
  }
  if (!is_ours_alone(folder.get(), S_IFDIR)) {
    *why = fmt::format("{} is not this user's alone to write", cache_folder.native());
    return std::nullopt;
  }
  base::UniqueFd file(base::openat_again(folder.get(), file_name().c_str(),
                                         O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
                                         0600));
  if (!file.valid() || !is_ours_alone(file.get(), S_IFREG)) {
    *why = fmt::format("{} holds no record that is this user's alone", cache_folder.native());
    return std::nullopt;
  }
  return InterruptRecord(std::move(file));
}

InterruptRecord::Content InterruptRecord::read() const {
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0 || status.st_size <= 0 ||
      static_cast<std::size_t>(status.st_size) > kMaxRecordBytes) {
    return {};
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  if (::pread(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return {};
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

void InterruptRecord::lock() const noexcept {
  while (::flock(file_.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
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
  if (!write_all(file_.get(), std::as_bytes(std::span(digest)))) return;
  write_all(file_.get(), std::as_bytes(std::span(body)));
}

}  // namespace mimobox::internal
