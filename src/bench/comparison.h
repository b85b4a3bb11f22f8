#ifndef MIMOBOX_BENCH_COMPARISON_H_
#define MIMOBOX_BENCH_COMPARISON_H_

#include <string>
#include <vector>

#include "mimobox/bench.h"

#include "bench/peers.h"
#include "bench/prepared_workload.h"
#include "bench/temporary_folder.h"

namespace mimobox::bench {

/// A peer that is there.
struct FoundPeer {
  const Peer* peer = nullptr;
  std::string program;
  std::string version;
};

/// Looks for the peers of the configuration; those that are not there are added to `missing`.
[[nodiscard]] Result<std::vector<FoundPeer>> find_peers(const BenchConfig& config,
                                                        const TemporaryFolder& home,
                                                        std::vector<BenchMissing>& missing);

/// One workload as a whole process of ours and of each peer, in alternation. A peer that fails, or
/// writes something else than ours, is in the result with its reason.
[[nodiscard]] Result<BenchComparison> compare(const BenchConfig& config,
                                              const PreparedWorkload& workload,
                                              const std::vector<FoundPeer>& peers,
                                              const TemporaryFolder& home);

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_COMPARISON_H_
