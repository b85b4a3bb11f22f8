#include "wasi/host.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace mimobox::wasi {
namespace {

constexpr std::uint64_t kStreamRights = kRightFdFilestatGet | kRightPollFdReadwrite;

template <class... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};

bool is_regular(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

Descriptor make_input(const Input& input) {
  Stream stream = std::visit(
      Overload{
          [](const InputNone&) -> Stream { return NullInput{}; },
          [](const InputBytes& from) -> Stream { return BytesInput{from.data}; },
          [](const InputFd& from) -> Stream {
            return FdInput{from.fd, is_regular(from.fd), ::isatty(from.fd) == 1};
          },
      },
      input);
  return {std::move(stream), kRightFdRead | kStreamRights};
}

Descriptor make_output(const Output& output, CaptureOutput& captured) {
  Stream stream = std::visit(
      Overload{
          [](const OutputDiscard&) -> Stream { return DiscardOutput{}; },
          [&](const OutputCapture& capture) -> Stream {
            captured.limit_bytes = capture.limit_bytes;
            return &captured;
          },
          [](const OutputFd& to) -> Stream {
            return FdOutput{to.fd, is_regular(to.fd), ::isatty(to.fd) == 1};
          },
      },
      output);
  return {std::move(stream), kRightFdWrite | kStreamRights};
}

CapturedOutput take(CaptureOutput& captured) {
  CapturedOutput output{.data = std::move(captured.data), .total_bytes = captured.total_bytes};
  output.truncated = output.total_bytes > output.data.size();
  return output;
}

}  // namespace

Host::Host(const HostConfig& config)
    : config_(config),
      descriptors_{make_input(config.input), make_output(config.output, captured_output_),
                   make_output(config.error, captured_error_)} {}

CapturedOutput Host::take_output() { return take(captured_output_); }

CapturedOutput Host::take_error() { return take(captured_error_); }

Descriptor* Host::find(std::uint32_t fd) {
  if (fd >= descriptors_.size() || std::holds_alternative<Closed>(descriptors_[fd].stream)) {
    return nullptr;
  }
  return &descriptors_[fd];
}

Errno Host::not_for_streams(std::uint32_t fd, Errno errno_of_streams) {
  return find(fd) == nullptr ? Errno::kBadf : errno_of_streams;
}

}  // namespace mimobox::wasi
