#include "sandbox/compile_job.h"

#include <fmt/format.h>

#include <new>
#include <utility>

#include "base/thread.h"

namespace mimobox::internal {
namespace {

/// Cranelift recurses over what a module nests; the engine's own threads have 2 MiB.
constexpr std::size_t kCompilerStackBytes = 16U << 20;

}  // namespace

Result<std::shared_ptr<CompileJob>> CompileJob::start(
    std::shared_ptr<engine::Engine> engine, std::shared_ptr<const std::vector<std::byte>> bytes) {
  auto job = std::shared_ptr<CompileJob>(new CompileJob());
  auto thread = base::Thread::start(
      [job, engine = std::move(engine), bytes = std::move(bytes)]() noexcept {
        try {
          job->finish(engine::Code::compile(engine, *bytes));
        } catch (const std::bad_alloc&) {
          job->finish(std::unexpected(
              SandboxError{ErrorCode::kResourceExhausted, "no memory to compile the module"}));
        }
      },
      kCompilerStackBytes);
  if (!thread) {
    return std::unexpected(SandboxError{ErrorCode::kResourceExhausted,
                                        "no thread to compile the module", thread.error()});
  }
  thread->detach();
  return job;
}

void CompileJob::finish(Result<CodePtr> result) {
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
  if (done_.wait_until(lock, stop, deadline, [this] { return result_.has_value(); })) return *result_;
  if (stop.stop_requested()) return CodePtr{};
  return std::unexpected(SandboxError{
      ErrorCode::kCompileTimeout,
      fmt::format("compiling the module took longer than {} ms; raise compile_timeout or ask later: "
                  "the work goes on",
                  std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count())});
}

}  // namespace mimobox::internal
