#ifndef MIMOBOX_SANDBOX_COMPILE_JOB_H_
#define MIMOBOX_SANDBOX_COMPILE_JOB_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "mimobox/error.h"

#include "engine/code.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

/// One compile on a thread of its own, which any number of callers wait for.
///
/// The thread first takes its place in the runtime's bound on compiles. The engine's compiler
/// cannot be interrupted: when its callers have given up it goes on to its end, holding what it
/// works on, and a later caller finds its result. A job that nobody waits for any more before it
/// has begun is given up.
class CompileJob {
 public:
  using CodePtr = std::shared_ptr<const engine::Code>;

  /// Errors: `kResourceExhausted` when the host gives no thread.
  [[nodiscard]] static Result<std::shared_ptr<CompileJob>> start(
      std::shared_ptr<RuntimeImpl> runtime, const engine::EngineKey& key,
      std::shared_ptr<const std::vector<std::byte>> bytes);

  /// The job's result, null when `stop` was requested first. Error `kCompileTimeout`, and the
  /// compile's own.
  [[nodiscard]] Result<CodePtr> wait(std::chrono::nanoseconds timeout, const std::stop_token& stop);

  /// What the code is made for.
  [[nodiscard]] const engine::EngineKey& key() const { return key_; }

  /// Whether a caller who comes now gets nothing from this job and has to start another.
  [[nodiscard]] bool useless() const;

 private:
  explicit CompileJob(const engine::EngineKey& key) : key_(key) {}
  void work(RuntimeImpl& runtime, const std::vector<std::byte>& bytes) noexcept;
  void finish(Result<CodePtr> result) noexcept;

  const engine::EngineKey key_;
  mutable std::mutex mutex_;
  std::condition_variable_any done_;
  std::optional<Result<CodePtr>> result_;
  int waiting_ = 0;
  bool begun_ = false;
  std::stop_source given_up_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_COMPILE_JOB_H_
