#include "wasi/host.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace mimobox::wasi {
namespace {

constexpr std::uint64_t kStreamRights = kRightFdFilestatGet | kRightPollFdReadwrite;

template <class... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};

bool is_regular(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

Descriptor make_input(const Input& input) {
  Resource resource =
      std::visit(Overload{
                     [](const InputNone&) -> Resource { return NullInput{}; },
                     [](const InputBytes& from) -> Resource { return BytesInput{from.data}; },
                     [](const InputFd& from) -> Resource {
                       return FdInput{from.fd, is_regular(from.fd), ::isatty(from.fd) == 1};
                     },
                     [](const InputSource& from) -> Resource { return SourceInput{from.source}; },
                 },
                 input);
  return {std::move(resource), kRightFdRead | kStreamRights};
}

Descriptor make_output(const Output& output, OutputRecord& record) {
  record.limit_bytes = output.limit_bytes;
  Resource resource = std::visit(
      Overload{
          [&](const OutputDiscard&) -> Resource { return DiscardOutput{&record}; },
          [&](const OutputCapture&) -> Resource { return CaptureOutput{&record}; },
          [&](const OutputFd& to) -> Resource {
            return FdOutput{&record, to.fd, is_regular(to.fd), ::isatty(to.fd) == 1};
          },
          [&](const OutputSink& to) -> Resource { return SinkOutput{&record, to.sink}; },
      },
      output.kind);
  return {std::move(resource), kRightFdWrite | kStreamRights};
}

Descriptor make_grant(const HostMount& mount, HostAccess& access) {
  Descriptor grant{.rights = kDirectoryRights,
                   .inheriting = kInheritedRights,
                   .preopen_path = mount.guest_path()};
  if (mount.single_file() != nullptr) {
    grant.resource = SingleFileDirectory(mount, access);
  } else {
    grant.resource = HostDirectory(mount, access);
  }
  return grant;
}

WrittenOutput take(OutputRecord& record) {
  return {.data = std::move(record.captured),
          .total_bytes = record.total_bytes,
          .truncated = record.total_bytes > record.passed_bytes};
}

}  // namespace

Host::Host(const HostConfig& config)
    : config_(config),
      descriptors_(
          std::max(config.max_descriptors, static_cast<std::uint32_t>(3 + config.mounts.size()))) {
  descriptors_.insert(make_input(config.input));
  descriptors_.insert(make_output(config.output, output_));
  descriptors_.insert(make_output(config.error, error_));
  if (config.mounts.empty()) return;
  host_access_.emplace(config.file_limits, file_limit_record_, *config.random, *config.stop,
                       *config.blocking);
  for (const HostMount& mount : config.mounts) {
    descriptors_.insert(make_grant(mount, *host_access_));
  }
}

WrittenOutput Host::take_output() {
  return take(output_);
}

WrittenOutput Host::take_error() {
  return take(error_);
}

}  // namespace mimobox::wasi
