#ifndef MIMOBOX_BENCH_PREPARED_WORKLOAD_H_
#define MIMOBOX_BENCH_PREPARED_WORKLOAD_H_

#include <string>
#include <vector>

#include "mimobox/bench.h"
#include "mimobox/run_request.h"

#include "bench/process.h"
#include "bench/temporary_folder.h"

namespace mimobox::bench {

/// A workload with its files, in a folder of its own below the benchmark's.
class PreparedWorkload {
 public:
  /// `workload` and `home` are borrowed. Error: `kResourceExhausted`.
  [[nodiscard]] static Result<PreparedWorkload> create(const BenchWorkload& workload,
                                                       const TemporaryFolder& home);

  [[nodiscard]] const BenchWorkload& workload() const { return *workload_; }
  [[nodiscard]] const std::string& module_path() const { return module_path_; }
  [[nodiscard]] const std::string& input_path() const { return input_path_; }
  /// Of the host; empty when the workload wants none.
  [[nodiscard]] const std::string& folder() const { return folder_; }
  /// Of the guest, behind argv[0].
  [[nodiscard]] const std::vector<std::string>& args() const { return args_; }

  [[nodiscard]] SandboxConfig sandbox_config() const;
  /// Has the input in it: to be made once and used often.
  [[nodiscard]] RunRequest request() const;
  /// argv of the command `mimobox-wasm` for this workload.
  [[nodiscard]] std::vector<std::string> command(const std::string& program) const;

 private:
  explicit PreparedWorkload(const BenchWorkload& workload) : workload_(&workload) {}

  const BenchWorkload* workload_;
  std::string module_path_;
  std::string input_path_ = "/dev/null";
  std::string folder_;
  std::vector<std::string> args_;
};

/// The environment of every process that a benchmark starts: PATH, and the benchmark's own folder
/// as HOME and as the place of caches.
[[nodiscard]] std::vector<std::string> process_environment(const TemporaryFolder& home);

/// The place of caches in that environment.
inline constexpr std::string_view kCaches = "cache";

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_PREPARED_WORKLOAD_H_
