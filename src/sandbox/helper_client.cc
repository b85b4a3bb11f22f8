#include "sandbox/helper_client.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "mimobox/settings.h"

#include "base/child_process.h"
#include "base/memory_file.h"
#include "base/processor.h"
#include "base/write_file.h"
#include "cache/record.h"

namespace mimobox::internal {
namespace {

using base::ChildProcess;

/// Code is a few times as large as its module, and a text about as large as its binary at least.
constexpr std::uint64_t kReplyPerByte = 64;
constexpr std::uint64_t kReplyFloor = 64ULL << 20;
/// Of an error's text, for people.
constexpr std::size_t kMaxErrorBytes = 4096;

std::unexpected<SandboxError> failed(ErrorCode code, std::string why, int os_errno = 0) {
  return std::unexpected(SandboxError{code, std::move(why), os_errno});
}

std::uint64_t cpu_seconds(const RuntimeConfig& config) {
  const auto wall = std::chrono::ceil<std::chrono::seconds>(config.compile_timeout).count();
  return (static_cast<std::uint64_t>(wall) + 1) * base::usable_processors();
}

std::unexpected<SandboxError> ended_badly(const ChildProcess::Ended& ended,
                                          const RuntimeConfig& config) {
  switch (ended.how) {
    case ChildProcess::End::kTimeout:
      return failed(
          ErrorCode::kCompileTimeout,
          fmt::format("compiling took longer than {} and was killed; raise "
                      "compile_timeout",
                      format_setting(Unit::kNanoseconds,
                                     static_cast<std::uint64_t>(config.compile_timeout.count()))));
    case ChildProcess::End::kStopped:
      return failed(ErrorCode::kResourceExhausted, "the compile was given up and killed");
    case ChildProcess::End::kSignalled:
      return failed(
          ErrorCode::kResourceExhausted,
          fmt::format("the compile helper was ended by signal {}: it may have needed more "
                      "memory than compile_memory_bytes allows ({})",
                      ended.number, format_setting(Unit::kBytes, config.compile_memory_bytes)));
    case ChildProcess::End::kExited:
    case ChildProcess::End::kUnknown:
      break;
  }
  return failed(ErrorCode::kInvalidConfig,
                fmt::format("{} is no compile helper of this version, or failed as one: it ended "
                            "with status {}",
                            config.compile_helper.native(), ended.number));
}

Result<std::vector<std::byte>> read_reply(int output, const engine::Engine& engine,
                                          const ChildProcess::Ended& ended,
                                          const RuntimeConfig& config) {
  struct stat status{};
  std::vector<std::byte> header(kHelperHeaderBytes);
  if (::fstat(output, &status) != 0 || !base::read_exactly(output, header, 0)) {
    return ended_badly(ended, config);
  }
  const auto reply = decode_reply(header);
  if (!reply) return ended_badly(ended, config);
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size) - header.size());
  if (!base::read_exactly(output, bytes, header.size())) return ended_badly(ended, config);
  if (reply->error) {
    return failed(*reply->error, std::string(reinterpret_cast<const char*>(bytes.data()),
                                             std::min(bytes.size(), kMaxErrorBytes)));
  }
  if (!base::same_digest(reply->settings, base::sha256(engine.settings()))) {
    return failed(ErrorCode::kInvalidConfig,
                  config.compile_helper.native() + " is a compile helper of another version");
  }
  return bytes;
}

}  // namespace

Result<std::vector<std::byte>> ask_helper(const RuntimeConfig& config, HelperTask task,
                                          const engine::Engine& engine,
                                          std::span<const std::byte> module,
                                          const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + config.compile_timeout;
  const HelperRequest request{.task = task,
                              .code = engine.key().code,
                              .memory_bytes = config.compile_memory_bytes,
                              .cpu_seconds = cpu_seconds(config),
                              .reply_bytes = std::min(cache::kMaxArtifactBytes,
                                                      kReplyFloor + kReplyPerByte * module.size()),
                              .parent = static_cast<std::uint32_t>(::getpid())};
  auto input = base::MemoryFile::create();
  auto output = base::MemoryFile::create();
  if (!input || !output || !input->append(encode(request)) || !input->append(module) ||
      !input->seal()) {
    return failed(ErrorCode::kResourceExhausted,
                  "the module cannot be handed to the compile helper: no memory, or "
                  "files may not be that large here (ulimit -f)",
                  errno);
  }
  const std::string program = config.compile_helper.native();
  auto child =
      ChildProcess::start(program, {program, std::string(kHelperWord)}, input->fd(), output->fd());
  if (!child) {
    const bool absent = child.error() == ENOENT || child.error() == EACCES;
    return failed(absent ? ErrorCode::kInvalidConfig : ErrorCode::kResourceExhausted,
                  fmt::format("the compile helper {} cannot be started: {}", program,
                              std::strerror(child.error())),
                  child.error());
  }
  const ChildProcess::Ended ended = child->wait(deadline, stop);
  if (ended.how == ChildProcess::End::kExited && ended.number != 0) {
    return ended_badly(ended, config);
  }
  if (ended.how != ChildProcess::End::kExited && ended.how != ChildProcess::End::kUnknown) {
    return ended_badly(ended, config);
  }
  return read_reply(output->fd(), engine, ended, config);
}

}  // namespace mimobox::internal
