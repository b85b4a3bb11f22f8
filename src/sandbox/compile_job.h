#ifndef MIMOBOX_SANDBOX_COMPILE_JOB_H_
#define MIMOBOX_SANDBOX_COMPILE_JOB_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "base/sha256.h"
#include "engine/code.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

/// What a compile is for.
enum class CompilePurpose : std::uint8_t {
  kRun,   ///< code that runs here; it goes through the disk cache
  kFile,  ///< an artifact to be written elsewhere; it does not
};

/// What became of a compile. Neither code nor artifact for a caller whose stop was requested first.
struct CompileOutcome {
  std::shared_ptr<const engine::Code> code = {};                ///< `CompilePurpose::kRun`
  std::shared_ptr<const std::vector<std::byte>> artifact = {};  ///< `CompilePurpose::kFile`
  std::uint64_t bytes = 0;                                      ///< of the artifact
  bool compiled_here = false;  ///< else another process did it meanwhile
};

/// One compile on a thread of its own, which any number of callers of this process wait for.
///
/// Where there is a disk cache the thread first takes the module's lock in it: while another
/// process has that, it waits for what comes of it; for half the time that a compile may take,
/// after which that process counts as stopped and its lock is taken. Then the thread takes its
/// place in the runtime's bound on compiles, compiles and publishes. With a helper the work is
/// killed when its callers have given up. Without one the compiler cannot be interrupted: it goes
/// on to its end, holding what it works on, and a later caller finds its result.
class CompileJob {
 public:
  /// Errors: `kResourceExhausted` when the host gives no thread.
  [[nodiscard]] static Result<std::shared_ptr<CompileJob>> start(
      std::shared_ptr<RuntimeImpl> runtime, const engine::EngineKey& key,
      std::shared_ptr<const std::vector<std::byte>> bytes, const base::Sha256& digest,
      CompilePurpose purpose);

  /// Waits at most `RuntimeConfig::compile_timeout` and tells `RuntimeConfig::on_compile`
  /// meanwhile. Error `kCompileTimeout`, and the compile's own.
  [[nodiscard]] Result<CompileOutcome> wait(const RuntimeConfig& config,
                                            const std::stop_token& stop);

  /// What the code is made for.
  [[nodiscard]] const engine::EngineKey& key() const { return key_; }

  /// Whether a caller who comes now gets nothing from this job and has to start another: it was
  /// given up, or failed for a reason that does not lie in the module.
  [[nodiscard]] bool useless() const;

  /// Whether it ended without code because nobody waited for it any more.
  [[nodiscard]] bool ended_unwanted() const;

 private:
  using Clock = std::chrono::steady_clock;

  CompileJob(const engine::EngineKey& key, std::uint64_t module_bytes, CompilePurpose purpose,
             bool killable)
      : key_(key), module_bytes_(module_bytes), purpose_(purpose), killable_(killable) {}
  void work(RuntimeImpl& runtime, const std::vector<std::byte>& bytes,
            const base::Sha256& digest) noexcept;
  [[nodiscard]] Result<CompileOutcome> get_interruptible(RuntimeImpl& runtime,
                                                         const std::vector<std::byte>& bytes,
                                                         const base::Sha256& digest);
  [[nodiscard]] Result<CompileOutcome> get(RuntimeImpl& runtime, const engine::EngineKey& key,
                                           const std::vector<std::byte>& bytes,
                                           const base::Sha256& digest);
  [[nodiscard]] Result<CompileOutcome> compile(RuntimeImpl& runtime, const engine::EngineKey& key,
                                               const std::vector<std::byte>& bytes,
                                               const base::Sha256& digest,
                                               const cache::CodeStore* store);
  [[nodiscard]] Result<std::vector<std::byte>> make_artifact(RuntimeImpl& runtime,
                                                             const engine::EngineKey& key,
                                                             const std::vector<std::byte>& bytes);
  [[nodiscard]] Result<CompileOutcome> get_for_file(RuntimeImpl& runtime,
                                                    const std::vector<std::byte>& bytes);
  void note_elsewhere(std::optional<std::chrono::nanoseconds> running);
  void finish(Result<CompileOutcome> result) noexcept;
  [[nodiscard]] CompileProgress progress() const;
  [[nodiscard]] std::string overdue_text(std::chrono::nanoseconds timeout) const;

  const engine::EngineKey key_;
  const std::uint64_t module_bytes_;
  const CompilePurpose purpose_;
  const bool killable_;
  mutable std::mutex mutex_;
  std::condition_variable_any done_;
  std::optional<Result<CompileOutcome>> result_;
  int waiting_ = 0;
  bool begun_ = false;
  Clock::time_point begun_at_;
  bool elsewhere_ = false;  ///< another process has the module's lock
  std::stop_source given_up_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_COMPILE_JOB_H_
