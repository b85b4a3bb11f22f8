#include "bench/temporary_folder.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ios>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace mimobox::bench {
namespace {

std::unexpected<SandboxError> failed(std::string_view path, int os_errno) {
  return std::unexpected(SandboxError{
      ErrorCode::kResourceExhausted,
      fmt::format("temporary files: {}: {}", path, std::strerror(os_errno)), os_errno});
}

}  // namespace

Result<TemporaryFolder> TemporaryFolder::create() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  std::string path = (parent / "mimobox-bench-XXXXXX").native();
  if (error) return failed(path, error.value());
  if (::mkdtemp(path.data()) == nullptr) return failed(path, errno);
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::TemporaryFolder(std::string path) : path_(std::move(path)) {}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::path_of(std::string_view name) const {
  return fmt::format("{}/{}", path_, name);
}

Result<std::string> TemporaryFolder::write(std::string_view name,
                                           std::span<const std::byte> bytes) const {
  std::string path = path_of(name);
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return failed(path, errno);
  return path;
}

Result<std::string> TemporaryFolder::make_empty(std::string_view name) const {
  std::string path = path_of(name);
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return failed(path, error.value());
  if (::mkdir(path.c_str(), 0700) != 0) return failed(path, errno);
  return path;
}

}  // namespace mimobox::bench
