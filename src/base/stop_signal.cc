#include "base/stop_signal.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace mimobox::base {
namespace {

void wake(int fd) noexcept {
  const int saved = errno;
  const std::uint64_t one = 1;
  // Cannot block: the counter is far from its maximum. A failure would leave nothing to do.
  [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
  errno = saved;
}

}  // namespace

StopSignal::~StopSignal() {
  if (const int fd = event_.load(std::memory_order_relaxed); fd >= 0) ::close(fd);
}

bool StopSignal::raise(std::uint32_t reason) noexcept {
  std::uint32_t none = 0;
  // Sequentially consistent, as is event_fd(): either this call sees the descriptor or event_fd()
  // sees the reason, so the wake-up cannot fall between the two.
  const bool first = reason_.compare_exchange_strong(none, reason, std::memory_order_seq_cst);
  if (const int fd = event_.load(std::memory_order_seq_cst); fd >= 0) wake(fd);
  return first;
}

int StopSignal::event_fd() noexcept {
  if (const int known = event_.load(std::memory_order_relaxed); known >= 0) return known;
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return -1;
  event_.store(fd, std::memory_order_seq_cst);
  if (reason_.load(std::memory_order_seq_cst) != 0) wake(fd);
  return fd;
}

}  // namespace mimobox::base
