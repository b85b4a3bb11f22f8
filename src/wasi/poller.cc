#include "wasi/poller.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <limits>
#include <new>
#include <vector>

namespace mimobox::wasi {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
/// How often the stop flag is looked at when the host has no descriptor left for the stop event.
constexpr std::uint64_t kSliceNs = 10'000'000;

std::uint64_t monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kNanosecondsPerSecond +
         static_cast<std::uint64_t>(now.tv_nsec);
}

timespec to_timespec(std::uint64_t nanoseconds) {
  return {.tv_sec = static_cast<time_t>(nanoseconds / kNanosecondsPerSecond),
          .tv_nsec = static_cast<long>(nanoseconds % kNanosecondsPerSecond)};
}

/// `all` is the items and, last, the stop event (its fd is -1 when there is none).
WaitResult wait_for(std::span<pollfd> all, std::optional<std::uint64_t> deadline_ns,
                    const base::StopSignal& stop) {
  const bool has_event = all.back().fd >= 0;
  while (true) {
    if (stop.stopped()) return WaitResult::kStopped;
    std::uint64_t left = std::numeric_limits<std::uint64_t>::max();
    if (deadline_ns) {
      const std::uint64_t now = monotonic_now();
      left = *deadline_ns > now ? *deadline_ns - now : 0;
    }
    const bool bounded = deadline_ns.has_value() || !has_event;
    const timespec timeout = to_timespec(has_event ? left : std::min(left, kSliceNs));
    const int ready = ::ppoll(all.data(), all.size(), bounded ? &timeout : nullptr, nullptr);
    if (ready < 0 && errno != EINTR) return WaitResult::kFailed;
    if (stop.stopped()) return WaitResult::kStopped;
    if (ready > 0) return WaitResult::kReady;
    if (ready == 0 && deadline_ns && monotonic_now() >= *deadline_ns) return WaitResult::kTimeout;
  }
}

}  // namespace

WaitResult SystemPoller::wait(std::span<pollfd> items, std::optional<std::uint64_t> deadline_ns,
                              base::StopSignal& stop) noexcept {
  const pollfd stop_event{.fd = stop.event_fd(), .events = POLLIN, .revents = 0};
  std::array<pollfd, 8> few;
  std::vector<pollfd> many;
  std::span<pollfd> all(few.data(), std::min(items.size() + 1, few.size()));
  if (items.size() >= few.size()) {
    try {
      many.resize(items.size() + 1);
    } catch (const std::bad_alloc&) {
      return WaitResult::kFailed;
    }
    all = many;
  }
  for (std::size_t i = 0; i < items.size(); ++i)
    all[i] = items[i];
  all.back() = stop_event;
  const WaitResult result = wait_for(all, deadline_ns, stop);
  for (std::size_t i = 0; i < items.size(); ++i)
    items[i].revents = all[i].revents;
  return result;
}

}  // namespace mimobox::wasi
