#ifndef MIMOBOX_TESTS_UNIT_WASI_FAKES_H_
#define MIMOBOX_TESTS_UNIT_WASI_FAKES_H_

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/blocking.h"
#include "base/host_call.h"
#include "base/stop_signal.h"
#include "base/unique_fd.h"
#include "wasi/clock_source.h"
#include "wasi/errno.h"
#include "wasi/host.h"
#include "wasi/poller.h"
#include "wasi/random_source.h"

namespace mimobox::wasi::testing {

using base::HostCallOutcome;

/// Time that only a test (or FakePoller) moves.
class FakeClock final : public Clock {
 public:
  std::uint64_t monotonic = 1'000;
  std::uint64_t realtime = 5'000;
  /// How far both go on at each reading.
  std::uint64_t tick = 0;

  std::uint64_t now(ClockId id) noexcept override {
    monotonic += tick;
    realtime += tick;
    switch (id) {
      case ClockId::kRealtime:
        return realtime;
      case ClockId::kMonotonic:
        return monotonic;
      case ClockId::kProcessCputime:
        return 0x0102'0304'0506'0708;
      case ClockId::kThreadCputime:
        return 33;
    }
    return 0;
  }
  std::uint64_t resolution(ClockId id) noexcept override {
    return 100 + static_cast<std::uint64_t>(id);
  }
};

/// 'r' everywhere.
class FakeRandom final : public Random {
 public:
  bool fails = false;
  std::function<void()> on_fill = [] {};
  std::vector<std::size_t> sizes;

  bool fill(std::span<std::byte> bytes) noexcept override {
    sizes.push_back(bytes.size());
    if (fails) return false;
    std::ranges::fill(bytes, std::byte{'r'});
    on_fill();
    return true;
  }
};

/// Never waits: a deadline moves the clock, and a wait without one ends with the run being stopped.
class FakePoller final : public Poller {
 public:
  explicit FakePoller(FakeClock& clock) : clock_(clock) {}

  /// What all items answer; 0: nothing is ready.
  short revents = 0;
  std::optional<WaitResult> result;
  /// Called before each answer.
  std::function<void()> on_wait = [] {};
  std::vector<std::optional<std::uint64_t>> deadlines;
  std::size_t last_items = 0;

  WaitResult wait(std::span<pollfd> items, std::optional<std::uint64_t> deadline_ns,
                  base::StopSignal& stop) noexcept override {
    deadlines.push_back(deadline_ns);
    last_items = items.size();
    on_wait();
    if (stop.stopped()) return WaitResult::kStopped;
    if (result) return *result;
    if (revents != 0 && !items.empty()) {
      for (pollfd& item : items)
        item.revents = revents;
      return WaitResult::kReady;
    }
    if (!deadline_ns) {
      stop.raise(1);
      return WaitResult::kStopped;
    }
    if (*deadline_ns > clock_.monotonic) {
      clock_.realtime += *deadline_ns - clock_.monotonic;
      clock_.monotonic = *deadline_ns;
    }
    return WaitResult::kTimeout;
  }

 private:
  FakeClock& clock_;
};

/// A pipe of the host.
struct Pipe {
  base::UniqueFd read_end;
  base::UniqueFd write_end;

  Pipe() {
    std::array<int, 2> fds{-1, -1};
    if (::pipe2(fds.data(), O_CLOEXEC) != 0) std::abort();
    read_end = base::UniqueFd(fds[0]);
    write_end = base::UniqueFd(fds[1]);
  }
};

class NullBlocking final : public base::BlockingNotice {
 public:
  int begun = 0;
  int ended = 0;
  void begin_blocking() noexcept override { ++begun; }
  void end_blocking() noexcept override { ++ended; }
};

/// What a call through the table gave.
struct Answer {
  Errno error = Errno::kSuccess;
  HostCallOutcome outcome = HostCallOutcome::kReturn;
  friend bool operator==(const Answer&, const Answer&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Answer& a) {
    return out << "{errno " << static_cast<int>(a.error) << ", outcome "
               << static_cast<int>(a.outcome) << "}";
  }
};

/// The answer of a call after which the guest goes on.
inline Answer returns(Errno error) {
  return {error, HostCallOutcome::kReturn};
}
inline const Answer kOk = returns(Errno::kSuccess);

/// Little-endian bytes of an integer.
template <std::unsigned_integral T>
std::string le(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
  }
  return bytes;
}
inline std::string le16(std::uint16_t value) {
  return le(value);
}
inline std::string le32(std::uint32_t value) {
  return le(value);
}
inline std::string le64(std::uint64_t value) {
  return le(value);
}
inline std::string iovec(std::uint32_t pointer, std::uint32_t length) {
  return le32(pointer) + le32(length);
}

struct Patch {
  std::size_t at = 0;
  std::string bytes;
};

/// A host of fakes with a guest memory full of '?'. Public members are set before the first call.
struct Fixture {
  explicit Fixture(std::size_t memory_bytes = 256)
      : memory_(memory_bytes, std::byte{'?'}), base_(memory_bytes, '?') {}

  std::vector<std::string> args;
  std::vector<std::string> environ;
  Input input;
  Output output{OutputCapture{}, {.bytes = 1'000'000}};
  Output error{OutputCapture{}, {.bytes = 1'000'000}};
  FakeClock clock;
  FakeRandom random;
  FakePoller fake_poller{clock};
  Poller* poller = &fake_poller;
  base::StopSignal stop;
  NullBlocking null_blocking;
  base::BlockingNotice* blocking = &null_blocking;
  std::vector<HostMount> mounts;  ///< granted in this order, before `grants`
  std::vector<Grant> grants;
  std::vector<Grant> all_grants;  ///< both, made with the host
  HostFileLimits file_limits;
  std::uint32_t max_descriptors = 256;
  bool steady_streams = false;
  bool virtual_files = false;
  CallTrace* trace = nullptr;

  Host& host() {
    if (!host_) {
      all_grants.clear();
      for (const HostMount& mount : mounts)
        all_grants.emplace_back(&mount);
      all_grants.insert(all_grants.end(), grants.begin(), grants.end());
      host_.emplace(HostConfig{.args = args,
                               .environ = environ,
                               .input = input,
                               .output = output,
                               .error = error,
                               .clock = &clock,
                               .random = &random,
                               .poller = poller,
                               .stop = &stop,
                               .blocking = blocking,
                               .grants = all_grants,
                               .file_limits = file_limits,
                               .steady_streams = steady_streams,
                               .virtual_files = virtual_files,
                               .max_descriptors = max_descriptors,
                               .trace = trace});
    }
    return *host_;
  }
  void end_host() { host_.reset(); }

  /// Calls a function as the engine does, by its row in the table.
  Answer call(std::string_view name, std::initializer_list<std::uint64_t> arguments) {
    return call(name, std::span(arguments.begin(), arguments.size()));
  }
  Answer call(std::string_view name, std::span<const std::uint64_t> arguments) {
    const auto row = std::ranges::find(functions(), name, &base::HostFunction::name);
    if (row == functions().end()) std::abort();
    const std::size_t colon = row->signature.find(':');
    if (arguments.size() != colon) std::abort();
    std::vector<base::RawValue> values(std::max<std::size_t>(arguments.size(), 1));
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      // Rubbish above an i32: the callee must not look at it.
      values[i].i64 = -1;
      if (row->signature[i] == 'i') {
        values[i].i32 = static_cast<std::int32_t>(arguments[i]);
      } else {
        values[i].i64 = static_cast<std::int64_t>(arguments[i]);
      }
    }
    const HostCallOutcome outcome = row->call(&host(), memory_, values.data());
    const bool has_result = row->signature.size() > colon + 1;
    return {has_result ? static_cast<Errno>(values[0].i32) : Errno::kSuccess, outcome};
  }

  /// What the guest has in its memory before a call.
  void put(std::size_t at, std::string_view bytes) {
    std::ranges::copy(std::as_bytes(std::span(bytes)),
                      memory_.begin() + static_cast<std::ptrdiff_t>(at));
    base_.replace(at, bytes.size(), bytes);
  }

  /// Fills the memory anew, as it was made.
  void wipe() {
    std::ranges::fill(memory_, std::byte{'?'});
    std::ranges::fill(base_, '?');
  }

  [[nodiscard]] std::span<std::byte> span() { return memory_; }
  [[nodiscard]] std::string memory() const {
    return {reinterpret_cast<const char*>(memory_.data()), memory_.size()};
  }
  /// '?' everywhere, what was `put`, and on top of it `patches`.
  [[nodiscard]] std::string expected(std::initializer_list<Patch> patches) const {
    std::string all = base_;
    for (const Patch& patch : patches)
      all.replace(patch.at, patch.bytes.size(), patch.bytes);
    return all;
  }
  [[nodiscard]] std::string untouched() const { return base_; }

 private:
  std::vector<std::byte> memory_;
  std::string base_;
  std::optional<Host> host_;
};

}  // namespace mimobox::wasi::testing

#endif  // MIMOBOX_TESTS_UNIT_WASI_FAKES_H_
