#include "sandbox/compile_job.h"

#include <algorithm>
#include <new>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/thread.h"
#include "cache/compile_lock.h"
#include "sandbox/compiler.h"
#include "sandbox/load_stored.h"
#include "sandbox/no_memory.h"

namespace mimobox::internal {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// Between two looks at whether another process is done.
constexpr milliseconds kFirstLook{2};
constexpr milliseconds kSlowestLook{50};
/// Between two reports to who waits.
constexpr milliseconds kReportEvery{500};

std::unexpected<SandboxError> exhausted(std::string message) {
  return std::unexpected(SandboxError{ErrorCode::kResourceExhausted, std::move(message)});
}

/// Whether compiling the same bytes again ends in the same error.
bool lies_in_module(ErrorCode code) {
  switch (code) {
    case ErrorCode::kModuleInvalid:
    case ErrorCode::kModuleTooLarge:
    case ErrorCode::kNoEntryPoint:
    case ErrorCode::kUnsupportedImport:
    case ErrorCode::kUnsupportedFeature:
      return true;
    case ErrorCode::kModuleNotFound:
    case ErrorCode::kModuleUnreadable:
    case ErrorCode::kMemoryAboveLimit:
    case ErrorCode::kCompileTimeout:
    case ErrorCode::kEmptyCommand:
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kMountFailed:
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kReentrant:
    case ErrorCode::kDestroyed:
    case ErrorCode::kInternal:
      return false;
  }
  return false;
}

/// Sleeps; false when `stop` was requested.
bool sleep_for(milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

Result<std::shared_ptr<CompileJob>> CompileJob::start(
    std::shared_ptr<RuntimeImpl> runtime, const engine::EngineKey& key,
    std::shared_ptr<const std::vector<std::byte>> bytes, const base::Sha256& digest,
    CompilePurpose purpose) {
  auto job = std::shared_ptr<CompileJob>(
      new CompileJob(key, bytes->size(), purpose, !runtime->config().compile_helper.empty()));
  job->begun_at_ = Clock::now();
  auto thread = base::Thread::start([job, runtime = std::move(runtime), bytes = std::move(bytes),
                                     digest]() noexcept { job->work(*runtime, *bytes, digest); },
                                    kCompilerStackBytes);
  if (!thread) {
    return std::unexpected(SandboxError{ErrorCode::kResourceExhausted,
                                        "no thread to compile the module", thread.error()});
  }
  thread->detach();
  return job;
}

void CompileJob::work(RuntimeImpl& runtime, const std::vector<std::byte>& bytes,
                      const base::Sha256& digest) noexcept {
  try {
    finish(purpose_ == CompilePurpose::kRun ? get_interruptible(runtime, bytes, digest)
                                            : get_for_file(runtime, bytes));
  } catch (const std::bad_alloc&) {
    finish(std::unexpected(no_memory()));
  }
}

/// Code that can be interrupted: for epochs if need be.
Result<CompileOutcome> CompileJob::get_interruptible(RuntimeImpl& runtime,
                                                     const std::vector<std::byte>& bytes,
                                                     const base::Sha256& digest) {
  auto outcome = get(runtime, key_, bytes, digest);
  if (!outcome || outcome->code->interruptible()) return outcome;
  runtime.log(LogLevel::kWarning,
              "a module's functions are not where they should be: it runs with checks (epoch)");
  engine::EngineKey with_epochs = key_;
  with_epochs.code.interrupt = engine::InterruptWay::kEpoch;
  return get(runtime, with_epochs, bytes, digest);
}

Result<CompileOutcome> CompileJob::get(RuntimeImpl& runtime, const engine::EngineKey& key,
                                       const std::vector<std::byte>& bytes,
                                       const base::Sha256& digest) {
  const auto store = runtime.store(key);
  if (!store) return compile(runtime, key, bytes, digest, nullptr);
  const auto patience = runtime.config().compile_timeout / 2;
  std::optional<cache::CompileLock::Holder> holder;
  Clock::time_point waits_since;
  for (milliseconds pause = kFirstLook;; pause = std::min(pause * 2, kSlowestLook)) {
    const auto attempt = store->try_lock(digest, bytes.size());
    const auto* const busy = std::get_if<cache::CompileLock::Busy>(&attempt);
    if (busy != nullptr && holder != busy->holder) {
      holder = busy->holder;
      waits_since = Clock::now();
    }
    note_elsewhere(busy != nullptr ? std::optional(busy->running) : std::nullopt);
    // Another process may have published between our look and our lock, or without any.
    if (auto found = load_stored(runtime, key, *store, digest); !found || found->code) {
      if (!found) return std::unexpected(std::move(found).error());
      return CompileOutcome{.code = std::move(found->code), .bytes = found->bytes};
    }
    if (busy == nullptr) return compile(runtime, key, bytes, digest, store.get());
    if (Clock::now() - waits_since >= patience) store->take_lock_from(digest, busy->holder);
    if (!sleep_for(pause, given_up_.get_token())) {
      return exhausted("the compile was given up before it began");
    }
  }
}

Result<CompileOutcome> CompileJob::compile(RuntimeImpl& runtime, const engine::EngineKey& key,
                                           const std::vector<std::byte>& bytes,
                                           const base::Sha256& digest,
                                           const cache::CodeStore* store) {
  auto artifact = make_artifact(runtime, key, bytes);
  if (!artifact) return std::unexpected(std::move(artifact).error());
  auto loaded = publish_and_load(runtime, key, store, digest, bytes.size(), *std::move(artifact));
  if (!loaded) return std::unexpected(std::move(loaded).error());
  return CompileOutcome{
      .code = std::move(loaded->code), .bytes = loaded->bytes, .compiled_here = true};
}

Result<CompileOutcome> CompileJob::get_for_file(RuntimeImpl& runtime,
                                                const std::vector<std::byte>& bytes) {
  auto artifact = make_artifact(runtime, key_, bytes);
  if (!artifact) return std::unexpected(std::move(artifact).error());
  const std::uint64_t size = artifact->size();
  return CompileOutcome{
      .artifact = std::make_shared<const std::vector<std::byte>>(*std::move(artifact)),
      .bytes = size,
      .compiled_here = true};
}

/// Waits for its place among the runtime's compiles.
Result<std::vector<std::byte>> CompileJob::make_artifact(RuntimeImpl& runtime,
                                                         const engine::EngineKey& key,
                                                         const std::vector<std::byte>& bytes) {
  const auto entry =
      runtime.compiles().enter(1, runtime.config().on_busy, std::nullopt, given_up_.get_token());
  if (entry != Gate::Entry::kEntered) {
    return exhausted(entry == Gate::Entry::kStopped
                         ? "the compile was given up before it began"
                         : "too many modules are being compiled (max_compiles); try later");
  }
  const GateScope place(runtime.compiles(), 1);
  {
    const std::lock_guard lock(mutex_);
    begun_ = true;
  }
  const auto engine = runtime.engine(key);
  if (!engine) return std::unexpected(engine.error());
  return compile_module(runtime.config(), **engine, bytes, given_up_.get_token());
}

void CompileJob::note_elsewhere(std::optional<std::chrono::nanoseconds> running) {
  const std::lock_guard lock(mutex_);
  if (running) begun_at_ = Clock::now() - duration_cast<Clock::duration>(*running);
  if (!running && elsewhere_) begun_at_ = Clock::now();  // it ended without a result
  elsewhere_ = running.has_value();
}

void CompileJob::finish(Result<CompileOutcome> result) noexcept {
  {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
  }
  done_.notify_all();
}

CompileProgress CompileJob::progress() const {
  return {.module_bytes = module_bytes_,
          .running = Clock::now() - begun_at_,
          .by_another_process = elsewhere_};
}

std::string CompileJob::overdue_text(std::chrono::nanoseconds timeout) const {
  const auto limit = duration_cast<milliseconds>(timeout).count();
  const auto running = duration_cast<milliseconds>(Clock::now() - begun_at_).count();
  if (elsewhere_) {
    return fmt::format(
        "waited {} ms for another process, which has been compiling these {} bytes for {} ms; "
        "raise "
        "compile_timeout or ask later",
        limit, module_bytes_, running);
  }
  const bool later = begun_ && !killable_ && purpose_ == CompilePurpose::kRun;
  return fmt::format(
      "compiling the module of {} bytes took longer than {} ms; raise "
      "compile_timeout{}",
      module_bytes_, limit, later ? " or ask later: the work goes on" : "");
}

Result<CompileOutcome> CompileJob::wait(const RuntimeConfig& config, const std::stop_token& stop) {
  const auto deadline = Clock::now() + config.compile_timeout;
  const auto has_result = [this] { return result_.has_value(); };
  std::unique_lock lock(mutex_);
  ++waiting_;
  bool done = false;
  bool reported = false;
  while (!done && !stop.stop_requested() && Clock::now() < deadline) {
    const auto next =
        config.on_compile ? std::min(deadline, Clock::now() + kReportEvery) : deadline;
    done = done_.wait_until(lock, stop, next, has_result);
    if (done || !config.on_compile || stop.stop_requested()) continue;
    const CompileProgress so_far = progress();
    lock.unlock();
    report(config, so_far);
    reported = true;
    lock.lock();
  }
  if (reported) {
    CompileProgress last = progress();
    last.done = true;
    lock.unlock();
    report(config, last);
    lock.lock();
  }
  --waiting_;
  if (done || has_result()) return *result_;
  if (waiting_ == 0 && (killable_ || !begun_)) given_up_.request_stop();
  if (stop.stop_requested()) return CompileOutcome{};
  return std::unexpected(
      SandboxError{ErrorCode::kCompileTimeout, overdue_text(config.compile_timeout)});
}

bool CompileJob::ended_unwanted() const {
  const std::lock_guard lock(mutex_);
  return given_up_.stop_requested() && result_ && !*result_ &&
         result_->error().code == ErrorCode::kResourceExhausted;
}

bool CompileJob::useless() const {
  const std::lock_guard lock(mutex_);
  if (given_up_.stop_requested()) return true;
  return result_ && !*result_ && !lies_in_module(result_->error().code);
}

}  // namespace mimobox::internal
