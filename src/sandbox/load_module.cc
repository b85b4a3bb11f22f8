#include "sandbox/load_module.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mimobox/config.h"

#include "base/file_fingerprint.h"
#include "base/read_file.h"
#include "base/sha256.h"
#include "sandbox/module_check.h"
#include "sandbox/module_contents.h"
#include "sandbox/module_impl.h"
#include "sandbox/precompiled.h"

namespace mimobox::internal {
namespace {

using Contents = std::shared_ptr<ModuleContents>;

/// The file name without folders.
std::string name_in(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// The engine that modules are checked with.
Result<std::shared_ptr<engine::Engine>> default_engine(RuntimeImpl& runtime) {
  return runtime.engine(runtime.engine_key({}, {}));
}

/// What the disk cache knows of a file; null when nothing.
Contents find_known(RuntimeImpl& runtime, const cache::CodeStore* store, base::OpenedFile& file) {
  if (store == nullptr) return nullptr;
  const auto known = store->find_module(file.fingerprint);
  if (!known) return nullptr;
  Contents contents = runtime.modules().find(known->digest);
  if (!contents) {
    contents = runtime.modules().keep(
        known->digest,
        std::make_shared<ModuleContents>(std::move(file.fd), known->digest, known->bytes), 0);
  }
  runtime.modules().add_file(file.fingerprint, known->digest);
  return contents;
}

/// Text becomes binary; a module that this process does not know is checked.
Result<Contents> take(RuntimeImpl& runtime, const std::shared_ptr<engine::Engine>& engine,
                      std::vector<std::byte> bytes, base::UniqueFd file, const std::string& name) {
  const auto named = [&](SandboxError error) {
    error.message = name + ": " + error.message;
    return std::unexpected(std::move(error));
  };
  auto binary = to_binary(runtime.config(), *engine, std::move(bytes));
  if (!binary) return named(std::move(binary).error());
  const base::Sha256 digest = base::sha256(*binary);
  if (auto known = runtime.modules().find(digest)) return known;
  if (auto good = check_module(*engine, *binary); !good) return named(std::move(good).error());
  const std::uint64_t size = binary->size();
  return runtime.modules().keep(
      digest,
      std::make_shared<ModuleContents>(
          std::make_shared<const std::vector<std::byte>>(*std::move(binary)), digest,
          std::move(file)),
      size);
}

}  // namespace

SandboxError unreadable(const std::string& path, const base::ReadFileError& error) {
  using Step = base::ReadFileError::Step;
  switch (error.step) {
    case Step::kOpen:
      if (error.os_errno == ENOENT || error.os_errno == ENOTDIR) {
        return {ErrorCode::kModuleNotFound, fmt::format("there is no file {}", path),
                error.os_errno};
      }
      break;
    case Step::kNotRegular:
      return {ErrorCode::kModuleUnreadable, fmt::format("{} is not a regular file", path), 0};
    case Step::kTooLarge:
      return {
          ErrorCode::kModuleTooLarge,
          fmt::format("{} is larger than {} bytes, the most that is loaded", path, kMaxModuleBytes),
          0};
    case Step::kRead:
      break;
  }
  return {ErrorCode::kModuleUnreadable,
          fmt::format("{} cannot be read: {}", path, std::strerror(error.os_errno)),
          error.os_errno};
}

namespace {

Result<Contents> contents_of_file(RuntimeImpl& runtime, const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
    if (auto known = runtime.modules().find(base::FileFingerprint::of(status))) return known;
  }
  auto file = base::open_regular_file(path);
  if (!file) return std::unexpected(unreadable(path, file.error()));
  auto engine = default_engine(runtime);
  if (!engine) return std::unexpected(std::move(engine).error());
  const auto store = runtime.store(runtime.engine_key({}, {}));
  if (auto known = find_known(runtime, store.get(), *file)) return known;

  auto read = base::read_contents(file->fd.get(), kMaxModuleBytes);
  if (!read) return std::unexpected(unreadable(path, read.error()));
  auto contents =
      take(runtime, *engine, std::move(read->bytes), std::move(file->fd), name_in(path));
  if (!contents || !read->fingerprint) return contents;
  const base::Sha256& digest = (*contents)->digest();
  runtime.modules().add_file(*read->fingerprint, digest);
  if (store) store->remember_module(*read->fingerprint, {digest, (*contents)->size_bytes()});
  return contents;
}

Result<Contents> contents_of_bytes(RuntimeImpl& runtime, std::span<const std::byte> bytes,
                                   const std::string& name) {
  if (bytes.size() > kMaxModuleBytes) {
    return std::unexpected(SandboxError{
        ErrorCode::kModuleTooLarge, fmt::format("{} has {} bytes, more than the {} that are loaded",
                                                name, bytes.size(), kMaxModuleBytes)});
  }
  auto engine = default_engine(runtime);
  if (!engine) return std::unexpected(std::move(engine).error());
  return take(runtime, *engine, {bytes.begin(), bytes.end()}, {}, name);
}

using Clock = std::chrono::steady_clock;

/// What was loaded from `begun` on.
Result<LoadedModule> loaded(Result<Contents> contents, std::string name, Clock::time_point begun) {
  if (!contents) return std::unexpected(std::move(contents).error());
  return LoadedModule{
      .contents = *std::move(contents), .name = std::move(name), .load_time = Clock::now() - begun};
}

}  // namespace

Result<LoadedModule> load_file(RuntimeImpl& runtime, const std::string& path,
                               Clock::time_point begun) {
  return loaded(contents_of_file(runtime, path), name_in(path), begun);
}

Result<LoadedModule> load_bytes(RuntimeImpl& runtime, std::span<const std::byte> bytes,
                                std::string name) {
  const Clock::time_point begun = Clock::now();
  auto contents = contents_of_bytes(runtime, bytes, name);
  return loaded(std::move(contents), std::move(name), begun);
}

Result<LoadedModule> load_precompiled_file(RuntimeImpl& runtime,
                                           const std::filesystem::path& path) {
  const Clock::time_point begun = Clock::now();
  const bool suffixed = path.extension() == ".cwasm";
  return loaded(load_precompiled(runtime, path.native()),
                (suffixed ? path.stem() : path.filename()).native(), begun);
}

}  // namespace mimobox::internal
