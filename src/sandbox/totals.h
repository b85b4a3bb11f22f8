#ifndef MIMOBOX_SANDBOX_TOTALS_H_
#define MIMOBOX_SANDBOX_TOTALS_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "mimobox/error.h"
#include "mimobox/result.h"

#include "base/thread_shard.h"

namespace mimobox::internal {

/// Sums over all runs of a runtime. They stand in shards, of which a thread uses one, so that runs
/// on different threads do not wait for each other's cache lines. Any number of threads.
class Totals {
 public:
  Totals() = default;
  Totals(const Totals&) = delete;
  Totals& operator=(const Totals&) = delete;

  /// `loading`: what was spent on loading the module for this run alone.
  void count(const RunResult& result, std::chrono::nanoseconds loading) noexcept;
  void count(ErrorCode error, std::chrono::nanoseconds loading) noexcept;
  /// Of a module, once.
  void count_load(std::chrono::nanoseconds time) noexcept;

  /// All sums in the exposition format of Prometheus.
  [[nodiscard]] std::string text() const;

 private:
  /// Room for all counters of totals.cc, which checks that.
  static constexpr std::size_t kCounters = 96;

  using Counters = std::array<std::uint64_t, kCounters>;
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    Counters counters{};
  };

  friend struct TotalsLayout;
  [[nodiscard]] Shard& shard() noexcept { return shards_[base::thread_shard()]; }
  [[nodiscard]] Counters sum() const noexcept;

  std::array<Shard, base::kThreadShards> shards_;
};

/// One line of a gauge or counter without labels, with its heading.
[[nodiscard]] std::string metric_text(std::string_view name, std::string_view type,
                                      std::string_view help, std::uint64_t value);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_TOTALS_H_
