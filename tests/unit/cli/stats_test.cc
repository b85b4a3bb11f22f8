#include "cli/stats.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/result.h"

namespace mimobox::cli {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(StatsText, LeavesOutWhatIsZero) {
  EXPECT_EQ(stats_text({}),
            "stats:\n"
            "  verdict         exited\n"
            "  code from       memory\n"
            "  memory          0 bytes");
}

TEST(StatsText, NamesWhatTheRunCost) {
  RunResult result = {.verdict = Verdict::kOutOfFuel, .limit_hit = LimitHit::kFuel};
  result.out.total_bytes = 2048;
  result.out.truncated = true;
  result.metrics.code_source = CodeSource::kDiskCache;
  result.metrics.run_time = std::chrono::milliseconds{12};
  result.metrics.cpu_time = std::chrono::milliseconds{11};
  result.metrics.fuel_used = 1234;
  result.metrics.peak_memory_bytes = 3U << 20;
  result.metrics.denied_grows = 2;
  result.metrics.host_calls[static_cast<std::size_t>(HostCallKind::kFileRead)] = {.calls = 5,
                                                                                  .bytes = 1024};
  const std::string text = stats_text(result);
  for (const char* line :
       {"\n  verdict         out_of_fuel\n", "\n  limit hit       fuel\n",
        "\n  code from       disk_cache\n", "\n    run           12.0 ms\n",
        "\n  CPU time        11.0 ms\n", "\n  fuel            1234\n",
        "\n  memory          3 MiB, denied more 2 times\n", "\n  stdout          2 KiB, cut\n",
        "\n  file_read       5 calls, 1 KiB"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, AllOf(Not(HasSubstr("stderr")), Not(HasSubstr("socket"))));
}

TEST(StatsText, CountsOneOfAThingInTheSingular) {
  RunResult result = {};
  result.metrics.denied_grows = 1;
  result.metrics.host_calls[static_cast<std::size_t>(HostCallKind::kPoll)] = {.calls = 1};
  EXPECT_THAT(stats_text(result), AllOf(HasSubstr("denied more 1 time\n"), EndsWith(" 1 call")));
}

}  // namespace
}  // namespace mimobox::cli
