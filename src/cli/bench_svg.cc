#include "cli/bench_svg.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace mimobox::cli {
namespace {

constexpr double kWidth = 1000;
constexpr double kHeight = 40;
constexpr std::size_t kBins = 120;

using Bins = std::array<double, kBins>;

/// Of each bin its share of the fullest one, smoothed a little so that few samples make no comb.
Bins histogram(const BenchTimes& times, const TimeScale& scale) {
  Bins counts{};
  for (const std::chrono::nanoseconds sample : times.samples) {
    const auto bin = static_cast<std::size_t>(scale.at(sample) * (kBins - 1) + 0.5);
    counts[std::min(bin, kBins - 1)] += 1;
  }
  Bins smooth{};
  for (std::size_t i = 0; i < kBins; ++i) {
    const double left = i > 0 ? counts[i - 1] : 0;
    const double right = i + 1 < kBins ? counts[i + 1] : 0;
    smooth[i] = (left + 2 * counts[i] + right) / 4;
  }
  const double most = std::max(*std::ranges::max_element(smooth), 1e-9);
  // A root, so that a tail of a hundredth of the samples can still be seen.
  for (double& bin : smooth)
    bin = std::sqrt(bin / most);
  return smooth;
}

std::string mark(std::string_view kind, double x) {
  return fmt::format(R"(<line class="{0}" x1="{1:.1f}" x2="{1:.1f}" y1="0" y2="{2}"/>)", kind,
                     x * kWidth, kHeight);
}

std::string picture(std::string_view inside) {
  return fmt::format(
      R"(<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>)", kWidth,
      kHeight, inside);
}

}  // namespace

TimeScale::TimeScale(const std::vector<const BenchTimes*>& all) {
  double least = 0;
  double most = 0;
  for (const BenchTimes* const times : all) {
    if (times->samples.empty()) continue;
    const auto min = static_cast<double>(std::max<long long>(times->min.count(), 1));
    const auto max = static_cast<double>(std::max<long long>(times->max.count(), 1));
    least = least == 0 ? min : std::min(least, min);
    most = std::max(most, max);
  }
  if (most == 0) return;
  first_ = static_cast<int>(std::floor(std::log10(least)));
  last_ = std::max(first_ + 1, static_cast<int>(std::ceil(std::log10(most))));
}

double TimeScale::at(std::chrono::nanoseconds time) const {
  const auto ns = static_cast<double>(std::max<long long>(time.count(), 1));
  return std::clamp((std::log10(ns) - first_) / (last_ - first_), 0.0, 1.0);
}

std::vector<std::chrono::nanoseconds> TimeScale::ticks() const {
  std::vector<std::chrono::nanoseconds> ticks;
  for (int power = first_; power <= last_; ++power) {
    ticks.emplace_back(static_cast<long long>(std::pow(10.0, power) + 0.5));
  }
  return ticks;
}

std::string distribution_svg(const BenchTimes& times, const TimeScale& scale) {
  std::string inside;
  for (const std::chrono::nanoseconds tick : scale.ticks())
    inside += mark("grid", scale.at(tick));
  if (!times.samples.empty()) {
    const Bins bins = histogram(times, scale);
    std::string path = fmt::format("M0 {}", kHeight);
    for (std::size_t i = 0; i < kBins; ++i) {
      const double x = static_cast<double>(i) / (kBins - 1) * kWidth;
      path += fmt::format("L{:.1f} {:.1f}", x, kHeight - bins[i] * (kHeight - 4));
    }
    inside += fmt::format(R"(<path class="curve" d="{}L{} {}Z"/>)", path, kWidth, kHeight);
    inside += mark("p50", scale.at(times.p50)) + mark("p99", scale.at(times.p99));
  }
  return picture(inside);
}

std::string bar_svg(double share, bool ours) {
  return picture(fmt::format(R"(<rect class="{}" x="0" y="6" width="{:.1f}" height="{}"/>)",
                             ours ? "ours" : "other", std::clamp(share, 0.0, 1.0) * kWidth,
                             kHeight - 12));
}

}  // namespace mimobox::cli
