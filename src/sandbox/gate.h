#ifndef MIMOBOX_SANDBOX_GATE_H_
#define MIMOBOX_SANDBOX_GATE_H_

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>

#include "mimobox/config.h"

#include "base/thread_shard.h"

namespace mimobox::internal {

/// A bounded number of units that many share: runs, bytes, compiles. Who finds too few waits, first
/// come first served, or is turned away. Any number of threads. Nobody waits for a lock while there
/// is room and no queue, and threads that enter and leave again and again write to no common cache
/// line.
class Gate {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  enum class Entry : std::uint8_t {
    kEntered,  ///< `leave()` must follow
    kFull,     ///< not now (`OnBusy::kRefuse`), or never: more units than there are at all
    kTimeout,  ///< the deadline came first
    kStopped,  ///< a stop was requested first
  };

  explicit Gate(std::uint64_t units) : units_(units) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// Enters if there is room and nobody waits.
  [[nodiscard]] bool try_enter(std::uint64_t units) noexcept;
  /// May throw std::bad_alloc when it has to wait, and then has not entered.
  [[nodiscard]] Entry enter(std::uint64_t units, OnBusy on_busy, std::optional<TimePoint> deadline,
                            const std::stop_token& stop);
  void leave(std::uint64_t units) noexcept;
  /// Units that are taken now.
  [[nodiscard]] std::uint64_t taken() const noexcept;

 private:
  /// What a thread that left put aside for the next one of its shard: taken, and nobody's.
  struct alignas(64) Aside {
    std::atomic<std::uint64_t> units{0};
  };

  [[nodiscard]] bool try_take(std::uint64_t units) noexcept;
  /// The same with what is put aside, under the lock.
  [[nodiscard]] bool try_take_all(std::uint64_t units) noexcept;
  /// Behind a change that may let in one who waits.
  void tell_who_waits() noexcept;
  [[nodiscard]] Entry wait(std::uint64_t units, std::optional<TimePoint> deadline,
                           const std::stop_token& stop);

  const std::uint64_t units_;
  std::atomic<std::uint64_t> taken_{0};
  /// How many wait; changed under the lock. Read without it by who enters and leaves: sequential
  /// consistency sees to it that a leaver sees the waiter, or the waiter the free units.
  alignas(64) std::atomic<std::uint64_t> waiting_{0};
  std::array<Aside, base::kThreadShards> aside_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<int> queue_;  ///< one node a waiter, in order; the values mean nothing
};

/// Leaves a gate at the end of a scope.
class GateScope {
 public:
  GateScope() = default;
  GateScope(Gate& gate, std::uint64_t units) : gate_(&gate), units_(units) {}
  GateScope(const GateScope&) = delete;
  GateScope& operator=(const GateScope&) = delete;
  ~GateScope() {
    if (gate_ != nullptr) gate_->leave(units_);
  }

 private:
  Gate* gate_ = nullptr;
  std::uint64_t units_ = 0;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_GATE_H_
