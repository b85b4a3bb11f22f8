#ifndef MIMOBOX_BENCH_SAMPLER_H_
#define MIMOBOX_BENCH_SAMPLER_H_

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "mimobox/bench.h"

namespace mimobox::bench {

/// Takes one sample after another until there are enough of them.
class Sampler {
 public:
  /// `config` is borrowed.
  explicit Sampler(const BenchConfig& config) : config_(&config) {}

  /// Whether another sample is to be taken after so many, in so much time.
  [[nodiscard]] bool wants_more(std::uint64_t taken, std::chrono::nanoseconds since) const {
    constexpr std::uint64_t kFewest = 5;
    constexpr std::uint64_t kMost = 10'000;
    if (config_->stop.stop_requested()) return false;
    if (config_->iterations) return taken < *config_->iterations;
    return taken < kFewest || (taken < kMost && since < config_->measuring_time);
  }

  /// `once` takes a sample and returns it, as Result<nanoseconds>; its first error ends it all.
  template <class Once>
  [[nodiscard]] Result<BenchTimes> take(Once once) const {
    using Clock = std::chrono::steady_clock;
    std::vector<std::chrono::nanoseconds> samples;
    const Clock::time_point begun = Clock::now();
    while (wants_more(samples.size(), Clock::now() - begun)) {
      auto sample = once();
      if (!sample) return std::unexpected(std::move(sample).error());
      samples.push_back(*sample);
    }
    return bench_times(std::move(samples));
  }

 private:
  const BenchConfig* config_;
};

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_SAMPLER_H_
