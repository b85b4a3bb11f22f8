#include "sandbox/compile_job.h"

#include <new>
#include <utility>

#include <fmt/format.h>

#include "base/thread.h"
#include "sandbox/no_memory.h"

namespace mimobox::internal {
namespace {

/// Cranelift recurses over what a module nests; the engine's own threads have 2 MiB.
constexpr std::size_t kCompilerStackBytes = 16U << 20;

Result<CompileJob::CodePtr> compile_and_load(RuntimeImpl& runtime, const engine::EngineKey& key,
                                             const std::vector<std::byte>& bytes) {
  const auto engine = runtime.engine(key);
  if (!engine) return std::unexpected(engine.error());
  const auto artifact = engine::compile(**engine, bytes);
  if (!artifact) return std::unexpected(artifact.error());
  return runtime.load_code(key, *artifact);
}

/// Code that can be interrupted: for epochs if need be.
Result<CompileJob::CodePtr> make_code(RuntimeImpl& runtime, engine::EngineKey key,
                                      const std::vector<std::byte>& bytes) {
  auto code = compile_and_load(runtime, key, bytes);
  if (!code || (*code)->interruptible()) return code;
  runtime.log(LogLevel::kWarning,
              "a module's functions are not where they should be: it runs with checks (epoch)");
  key.code.interrupt = engine::InterruptWay::kEpoch;
  return compile_and_load(runtime, key, bytes);
}

std::unexpected<SandboxError> exhausted(std::string message) {
  return std::unexpected(SandboxError{ErrorCode::kResourceExhausted, std::move(message)});
}

}  // namespace

Result<std::shared_ptr<CompileJob>> CompileJob::start(
    std::shared_ptr<RuntimeImpl> runtime, const engine::EngineKey& key,
    std::shared_ptr<const std::vector<std::byte>> bytes) {
  auto job = std::shared_ptr<CompileJob>(new CompileJob(key));
  auto thread =
      base::Thread::start([job, runtime = std::move(runtime),
                           bytes = std::move(bytes)]() noexcept { job->work(*runtime, *bytes); },
                          kCompilerStackBytes);
  if (!thread) {
    return std::unexpected(SandboxError{ErrorCode::kResourceExhausted,
                                        "no thread to compile the module", thread.error()});
  }
  thread->detach();
  return job;
}

void CompileJob::work(RuntimeImpl& runtime, const std::vector<std::byte>& bytes) noexcept {
  try {
    const auto entry =
        runtime.compiles().enter(1, runtime.config().on_busy, std::nullopt, given_up_.get_token());
    if (entry != Gate::Entry::kEntered) {
      finish(exhausted(entry == Gate::Entry::kStopped
                           ? "the compile was given up before it began"
                           : "too many modules are being compiled (max_compiles); try later"));
      return;
    }
    const GateScope place(runtime.compiles(), 1);
    {
      const std::lock_guard lock(mutex_);
      begun_ = true;
    }
    finish(make_code(runtime, key_, bytes));
  } catch (const std::bad_alloc&) {
    finish(std::unexpected(no_memory()));
  }
}

void CompileJob::finish(Result<CodePtr> result) noexcept {
  {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
  }
  done_.notify_all();
}

Result<CompileJob::CodePtr> CompileJob::wait(std::chrono::nanoseconds timeout,
                                             const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  ++waiting_;
  const bool done = done_.wait_until(lock, stop, deadline, [this] { return result_.has_value(); });
  --waiting_;
  if (done) return *result_;
  if (waiting_ == 0 && !begun_) given_up_.request_stop();
  if (stop.stop_requested()) return CodePtr{};
  return std::unexpected(SandboxError{
      ErrorCode::kCompileTimeout,
      fmt::format(
          "compiling the module took longer than {} ms; raise compile_timeout or ask later{}",
          std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count(),
          begun_ ? ": the work goes on" : "")});
}

bool CompileJob::useless() const {
  const std::lock_guard lock(mutex_);
  if (given_up_.stop_requested()) return true;
  return result_ && !*result_ && result_->error().code == ErrorCode::kResourceExhausted;
}

}  // namespace mimobox::internal
