#ifndef MIMOBOX_TESTS_UNIT_WASI_SURROUNDINGS_H_
#define MIMOBOX_TESTS_UNIT_WASI_SURROUNDINGS_H_

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/blocking.h"
#include "base/host_call.h"
#include "base/stop_signal.h"
#include "base/unique_fd.h"
#include "wasi/host.h"

namespace mimobox::wasi::probe {

/// A clock that stands still until it is moved, or moves by `step` each time that it is read.
class FakeClock final : public Clock {
 public:
  std::uint64_t monotonic = 1'000;
  std::uint64_t realtime = 1'700'000'000'000'000'000;
  std::uint64_t step = 0;

  [[nodiscard]] std::uint64_t now(ClockId id) noexcept override {
    monotonic += step;
    realtime += step;
    return id == ClockId::kRealtime ? realtime : monotonic;
  }
  [[nodiscard]] std::uint64_t resolution(ClockId /*id*/) noexcept override { return 7; }
};

/// Gives 'r' for each byte, and tells how it was asked.
class FakeRandom final : public Random {
 public:
  bool works = true;
  std::vector<std::size_t> asked_for;
  std::function<void()> after_each = [] {};

  [[nodiscard]] bool fill(std::span<std::byte> bytes) noexcept override {
    asked_for.push_back(bytes.size());
    std::ranges::fill(bytes, std::byte{'r'});
    after_each();
    return works;
  }
};

/// Waits in no time: without items the clock goes to the deadline, items are ready at once.
class FakePoller final : public Poller {
 public:
  explicit FakePoller(FakeClock& clock) : clock_(clock) {}

  std::vector<std::optional<std::uint64_t>> deadlines;
  std::vector<std::size_t> item_counts;
  /// Called before each answer.
  std::function<void()> before_each = [] {};
  /// How many times the wait ends early, with nothing to tell.
  int early_wakes = 0;

  [[nodiscard]] WaitResult wait(std::span<pollfd> items, std::optional<std::uint64_t> deadline_ns,
                                base::StopSignal& stop) noexcept override {
    deadlines.push_back(deadline_ns);
    item_counts.push_back(items.size());
    before_each();
    if (stop.stopped()) return WaitResult::kStopped;
    if (early_wakes > 0) {
      --early_wakes;
      return WaitResult::kTimeout;
    }
    if (!items.empty()) {
      for (pollfd& item : items)
        item.revents = item.events;
      return WaitResult::kReady;
    }
    // Nothing could ever wake this guest but a stop.
    if (!deadline_ns) return WaitResult::kStopped;
    const std::uint64_t passes = *deadline_ns - std::min(*deadline_ns, clock_.monotonic);
    clock_.monotonic += passes;
    clock_.realtime += passes;
    return WaitResult::kTimeout;
  }

 private:
  FakeClock& clock_;
};

class NoNotice final : public base::BlockingNotice {
 public:
  void begin_blocking() noexcept override {}
  void end_blocking() noexcept override {}
};

/// Everything that a host borrows, with a guest that was given nothing.
struct Surroundings {
  FakeClock clock;
  FakeRandom random;
  FakePoller poller{clock};
  base::StopSignal stop;
  NoNotice notice;
  std::vector<std::string> args;
  std::vector<std::string> environ;

  [[nodiscard]] HostConfig config(Input input = InputNone{}, Output output = OutputDiscard{},
                                  Output error = OutputDiscard{}) {
    return {.args = args,
            .environ = environ,
            .input = input,
            .output = output,
            .error = error,
            .clock = &clock,
            .random = &random,
            .poller = &poller,
            .stop = &stop,
            .blocking = &notice};
  }
};

/// An integer as a guest's memory has it.
template <std::unsigned_integral T>
std::string le(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
  return bytes;
}
inline std::string u8(unsigned value) {
  return le(static_cast<std::uint8_t>(value));
}
inline std::string u16(unsigned value) {
  return le(static_cast<std::uint16_t>(value));
}
inline std::string u32(std::uint32_t value) {
  return le(value);
}
inline std::string u64(std::uint64_t value) {
  return le(value);
}

/// A guest's memory, full of '?' but for what a test puts there. Tests compare all of it.
class Memory {
 public:
  explicit Memory(std::size_t size = 64) : bytes_(size, '?') {}

  Memory& put(std::size_t offset, std::string_view bytes) {
    bytes_.replace(offset, bytes.size(), bytes);
    return *this;
  }
  [[nodiscard]] GuestMemory guest() { return GuestMemory(span()); }
  [[nodiscard]] std::span<std::byte> span() { return std::as_writable_bytes(std::span(bytes_)); }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  friend bool operator==(const Memory&, const Memory&) = default;

 private:
  std::string bytes_;
};

struct CallResult {
  base::HostCallOutcome outcome;
  std::uint32_t result;  ///< the first raw value after the call
};

/// Calls a function as the engine does: by its name in the table, with raw values.
inline CallResult call(Host& host, std::string_view name, std::span<std::byte> memory,
                       std::initializer_list<std::uint64_t> arguments) {
  std::array<base::RawValue, 16> values{};
  std::ranges::transform(arguments, values.begin(), [](std::uint64_t argument) {
    base::RawValue value{};
    value.i64 = static_cast<std::int64_t>(argument);
    return value;
  });
  const auto function = std::ranges::find(functions(), name, &base::HostFunction::name);
  const base::HostCallOutcome outcome = function->call(&host, memory, values.data());
  return {outcome, static_cast<std::uint32_t>(values[0].i32)};
}

struct Pipe {
  base::UniqueFd read_end;
  base::UniqueFd write_end;

  Pipe() {
    std::array<int, 2> fds{-1, -1};
    if (::pipe2(fds.data(), O_CLOEXEC) == 0) {
      read_end = base::UniqueFd(fds[0]);
      write_end = base::UniqueFd(fds[1]);
    }
  }
};

}  // namespace mimobox::wasi::probe

#endif  // MIMOBOX_TESTS_UNIT_WASI_SURROUNDINGS_H_
