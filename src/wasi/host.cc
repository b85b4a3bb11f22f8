#include "wasi/host.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/overload.h"

namespace mimobox::wasi {
namespace {

/// Input, output, error: the descriptors of every guest.
constexpr std::size_t kStreams = 3;
constexpr std::uint64_t kStreamRights = kRightFdFilestatGet | kRightPollFdReadwrite;

bool reads_wait(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode);
}

Descriptor make_input(const Input& input, bool steady) {
  const auto from = [](Resource resource) {
    return Descriptor{std::move(resource), kRightFdRead | kStreamRights};
  };
  return std::visit(
      base::Overload{
          [&](const InputNone&) { return from(NullInput{}); },
          [&](const InputBytes& bytes) { return from(BytesInput{bytes.data}); },
          [&](const InputFd& file) {
            return from(FdInput{file.fd, reads_wait(file.fd), !steady && ::isatty(file.fd) == 1});
          },
          [&](const InputSource& given) { return from(SourceInput{given.source}); },
      },
      input);
}

Descriptor make_output(const Output& output, OutputRecord& record, bool steady) {
  const auto to = [](Resource resource) {
    return Descriptor{std::move(resource), kRightFdWrite | kStreamRights};
  };
  return std::visit(
      base::Overload{
          [&](const OutputDiscard&) { return to(DiscardOutput{&record}); },
          [&](const OutputCapture&) { return to(CaptureOutput{&record}); },
          [&](const OutputFd& file) {
            return to(FdOutput{&record, file.fd, !steady && ::isatty(file.fd) == 1});
          },
          [&](const OutputSink& given) { return to(SinkOutput{&record, given.sink}); },
      },
      output.kind);
}

Resource make_directory(const HostMount& mount, HostAccess& access) {
  if (mount.single_file() != nullptr) return SingleFileDirectory(mount, access);
  return HostDirectory(mount, access);
}

}  // namespace

Host::Host(const HostConfig& config)
    : config_(config),
      output_(config.output.bound, LimitHit::kStdoutBytes),
      error_(config.error.bound, LimitHit::kStderrBytes),
      io_{*config.poller, *config.stop,  *config.blocking,
          sigpipe_,       limit_record_, config.steady_streams},
      descriptors_(std::max(config.max_descriptors,
                            static_cast<std::uint32_t>(kStreams + config.grants.size())),
                   kStreams + config.grants.size()) {
  descriptors_.insert(make_input(config.input, config.steady_streams));
  descriptors_.insert(make_output(config.output, output_, config.steady_streams));
  descriptors_.insert(make_output(config.error, error_, config.steady_streams));
  for (const Grant& granted : config.grants)
    grant(granted);
}

Host::~Host() {
  for (const Grant& granted : config_.grants) {
    if (const auto* scratch = std::get_if<ScratchGrant>(&granted))
      scratch->tree->report_to(nullptr);
  }
}

void Host::grant(const Grant& granted) {
  Descriptor descriptor{.rights = kDirectoryRights,
                        .inheriting = kInheritedRights,
                        .preopen_path = guest_path_of(granted)};
  descriptor.resource =
      std::visit(base::Overload{
                     [&](const HostMount* mount) {
                       if (!host_access_) {
                         host_access_.emplace(config_.file_limits, limit_record_, config_.inode_key,
                                              *config_.stop, *config_.blocking,
                                              config_.virtual_files ? config_.clock : nullptr);
                       }
                       return make_directory(*mount, *host_access_);
                     },
                     [&](const ScratchGrant& scratch) -> Resource {
                       scratch.tree->report_to(&limit_record_);
                       scratch.tree->sort_listings(config_.virtual_files);
                       return ScratchDirectory::root(*scratch.tree, scratch.read_only);
                     },
                 },
                 granted);
  descriptors_.insert(std::move(descriptor));
}

WrittenOutput Host::take_output() {
  return wasi::take_output(output_);
}

WrittenOutput Host::take_error() {
  return wasi::take_output(error_);
}

}  // namespace mimobox::wasi
