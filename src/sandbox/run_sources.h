#ifndef MIMOBOX_SANDBOX_RUN_SOURCES_H_
#define MIMOBOX_SANDBOX_RUN_SOURCES_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>

#include "mimobox/determinism.h"

#include "wasi/clock_source.h"
#include "wasi/poller.h"
#include "wasi/random_source.h"
#include "wasi/seeded_random.h"
#include "wasi/virtual_time.h"

namespace mimobox::internal {

/// Where one run's time, chance and waiting come from: the host, or for a deterministic run what
/// is the same every time. To be made on the run's thread.
class RunSources {
 public:
  explicit RunSources(const std::optional<Determinism>& determinism) {
    if (determinism) sources_.emplace<Virtual>(*determinism);
  }
  RunSources(const RunSources&) = delete;
  RunSources& operator=(const RunSources&) = delete;

  /// The CPU time of the guest's thread as the guest begins: to be told before it does.
  void begin_cpu_time(std::chrono::nanoseconds of_thread) {
    if (auto* const of = std::get_if<System>(&sources_)) of->clock.begin_cpu_time(of_thread);
  }
  /// Whether they are the same in every run.
  [[nodiscard]] bool repeatable() const { return std::holds_alternative<Virtual>(sources_); }
  [[nodiscard]] wasi::Clock& clock() {
    return std::visit([](auto& of) -> wasi::Clock& { return of.clock; }, sources_);
  }
  [[nodiscard]] wasi::Random& random() {
    return std::visit([](auto& of) -> wasi::Random& { return of.random; }, sources_);
  }
  [[nodiscard]] wasi::Poller& poller() {
    return std::visit([](auto& of) -> wasi::Poller& { return of.poller; }, sources_);
  }

 private:
  struct System {
    System() : clock(std::nullopt) {}

    wasi::SystemClock clock;
    wasi::SystemRandom random;
    wasi::SystemPoller poller;
  };
  struct Virtual {
    explicit Virtual(const Determinism& determinism)
        : clock(static_cast<std::uint64_t>(determinism.start_time.count())),
          random(determinism.seed),
          poller(clock) {}

    wasi::VirtualClock clock;
    wasi::SeededRandom random;
    wasi::VirtualPoller poller;
  };

  std::variant<System, Virtual> sources_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_RUN_SOURCES_H_
