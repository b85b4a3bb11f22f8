#include "sandbox/module_contents.h"

#include <utility>

#include "mimobox/config.h"

#include "base/read_file.h"
#include "cache/code_store.h"
#include "sandbox/compile_job.h"
#include "sandbox/load_stored.h"
#include "sandbox/module_check.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

ModuleContents::ModuleContents(Bytes bytes, const base::Sha256& digest, base::UniqueFd file)
    : digest_(digest),
      size_bytes_(bytes->size()),
      file_(std::move(file)),
      bytes_(std::move(bytes)) {}

ModuleContents::ModuleContents(base::UniqueFd file, const base::Sha256& digest,
                               std::uint64_t size_bytes)
    : digest_(digest), size_bytes_(size_bytes), file_(std::move(file)) {}

ModuleContents::ModuleContents(const base::Sha256& digest, std::uint64_t size_bytes,
                               const engine::EngineKey& key,
                               std::shared_ptr<const engine::Code> code)
    : digest_(digest), size_bytes_(size_bytes) {
  keep_code(key, std::move(code));
}

const engine::Code* ModuleContents::find_code(const engine::EngineKey& key) const {
  const KnownCode* known = newest_code_.load(std::memory_order_acquire);
  while (known != nullptr && known->key != key)
    known = known->next;
  return known != nullptr ? known->code.get() : nullptr;
}

const engine::Code* ModuleContents::keep_code(const engine::EngineKey& key, CodePtr code) {
  codes_.emplace_back(key, std::move(code), newest_code_.load(std::memory_order_relaxed));
  newest_code_.store(&codes_.back(), std::memory_order_release);
  return codes_.back().code.get();
}

const ModuleInfo& ModuleContents::info(RuntimeImpl& runtime) {
  std::call_once(info_made_, [&] {
    const auto binary = bytes(runtime);
    if (!binary) return;
    // The bytes are a valid module: they can be read.
    if (auto info = inspect_bytes(**binary)) info_ = std::move(*info);
  });
  return info_;
}

Result<ModuleContents::Bytes> ModuleContents::bytes(RuntimeImpl& runtime) {
  {
    const std::lock_guard lock(mutex_);
    if (bytes_) return bytes_;
  }
  const auto unreadable = [](std::string why, int os_errno) {
    return std::unexpected(SandboxError{ErrorCode::kModuleUnreadable, std::move(why), os_errno});
  };
  if (!file_.valid()) {
    return unreadable("it was compiled ahead, and its bytes are not there to be compiled again", 0);
  }
  auto contents = base::read_contents(file_.get(), kMaxModuleBytes);
  if (!contents) return unreadable("its file cannot be read again", contents.error().os_errno);
  const auto engine = runtime.engine(runtime.engine_key({}, {}));
  if (!engine) return std::unexpected(engine.error());
  auto binary = to_binary(runtime.config(), **engine, std::move(contents->bytes));
  if (!binary || !base::same_digest(base::sha256(*binary), digest_)) {
    return unreadable("its file was changed since it was loaded; load it again", 0);
  }
  return std::make_shared<const std::vector<std::byte>>(*std::move(binary));
}

Result<ReadyCode> ModuleContents::code(const std::shared_ptr<RuntimeImpl>& runtime,
                                       const engine::EngineKey& key, const std::stop_token& stop) {
  if (const engine::Code* known = find_code(key)) return ReadyCode{known};
  const auto begun = std::chrono::steady_clock::now();
  const auto ready = [begun](const engine::Code* code, CodeSource source) {
    return ReadyCode{code, std::chrono::steady_clock::now() - begun, source};
  };
  auto adapted = find_or_adapt(*runtime, key);
  if (!adapted) return std::unexpected(std::move(adapted).error());
  if (*adapted != nullptr) return ready(*adapted, CodeSource::kMemory);
  auto stored = find_on_disk(*runtime, key);
  if (!stored) return std::unexpected(std::move(stored).error());
  if (*stored != nullptr) return ready(*stored, CodeSource::kDiskCache);
  auto compiled = compile(runtime, key, stop);
  if (compiled) compiled->waited = std::chrono::steady_clock::now() - begun;
  return compiled;
}

/// The code of this key, or of one that differs in stack size or pool only, loaded for this one;
/// null when there is neither.
Result<const engine::Code*> ModuleContents::find_or_adapt(RuntimeImpl& runtime,
                                                          const engine::EngineKey& key) {
  const std::lock_guard lock(mutex_);
  if (const engine::Code* known = find_code(key)) return known;
  for (const KnownCode& known : codes_) {
    if (known.key.code != key.code) continue;
    auto artifact = known.code->artifact();
    if (!artifact) return std::unexpected(std::move(artifact).error());
    // Which may be code for epochs, where this module's bodies could not be told.
    engine::EngineKey made = key;
    made.code = known.code->engine().key().code;
    const auto ranges = known.code->ranges();
    auto adapted =
        runtime.load_code(made, *std::move(artifact), std::vector(ranges.begin(), ranges.end()));
    if (!adapted) return std::unexpected(std::move(adapted).error());
    return keep_code(key, *std::move(adapted));
  }
  return nullptr;
}

/// Null when there is none, or none that fits.
Result<const engine::Code*> ModuleContents::find_on_disk(RuntimeImpl& runtime,
                                                         const engine::EngineKey& key) {
  const auto store = runtime.store(key);
  if (!store) return nullptr;
  auto found = load_stored(runtime, key, *store, digest_);
  if (!found) return std::unexpected(std::move(found).error());
  if (!found->code || !found->code->interruptible()) return nullptr;
  return add_code(runtime, key, std::move(found->code), found->bytes);
}

Result<ReadyCode> ModuleContents::compile(const std::shared_ptr<RuntimeImpl>& runtime,
                                          const engine::EngineKey& key,
                                          const std::stop_token& stop) {
  Result<std::shared_ptr<CompileJob>> job;
  Result<CompileOutcome> compiled;
  do {
    job = join_or_start_job(runtime, key);
    if (!job) return std::unexpected(std::move(job).error());
    compiled = (*job)->wait(runtime->config(), stop);
    // Those who waited before may have given it up just when this one came.
  } while (!compiled && compiled.error().code != ErrorCode::kCompileTimeout &&
           (*job)->ended_unwanted() && !stop.stop_requested());
  if (!compiled && stop.stop_requested()) return ReadyCode{};
  if (!compiled) {
    // A helper was killed; without one the work goes on.
    if (compiled.error().code == ErrorCode::kCompileTimeout &&
        runtime->config().compile_helper.empty()) {
      runtime->log(LogLevel::kWarning, "a compile is overdue: module " + base::to_hex(digest_));
    }
    return std::unexpected(std::move(compiled).error());
  }
  if (!compiled->code) return ReadyCode{.code = nullptr, .source = CodeSource::kCompiled};
  add_code(*runtime, (*job)->key(), compiled->code, compiled->bytes);
  {
    const std::lock_guard lock(mutex_);
    if (const auto mine = jobs_.find(key.code); mine != jobs_.end() && mine->second == *job) {
      jobs_.erase(mine);
      if (compiled->compiled_here) ++compile_count_;
    }
  }
  // The job may have been started for another stack size or pool.
  auto adapted = find_or_adapt(*runtime, key);
  if (!adapted) return std::unexpected(std::move(adapted).error());
  return ReadyCode{
      .code = *adapted,
      .source = compiled->compiled_here ? CodeSource::kCompiled : CodeSource::kDiskCache};
}

Result<std::shared_ptr<CompileJob>> ModuleContents::join_or_start_job(
    const std::shared_ptr<RuntimeImpl>& runtime, const engine::EngineKey& key) {
  auto binary = bytes(*runtime);
  if (!binary) {
    runtime->modules().drop(digest_, this);  // so that loading it again helps
    return std::unexpected(std::move(binary).error());
  }
  const std::lock_guard lock(mutex_);
  if (const auto known = jobs_.find(key.code); known != jobs_.end()) {
    if (!known->second->useless()) return known->second;
    jobs_.erase(known);
  }
  auto job = CompileJob::start(runtime, key, *std::move(binary), digest_, CompilePurpose::kRun);
  if (job) jobs_.emplace(key.code, *job);
  return job;
}

const engine::Code* ModuleContents::add_code(RuntimeImpl& runtime, const engine::EngineKey& key,
                                             CodePtr code, std::uint64_t code_bytes) {
  std::uint64_t total = 0;
  const engine::Code* kept = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (const engine::Code* known = find_code(key)) return known;
    kept = keep_code(key, std::move(code));
    code_bytes_ += code_bytes;
    // From here on they are seldom needed: for another kind of code, or to tell what is in them.
    if (file_.valid()) bytes_.reset();
    total = code_bytes_ + (bytes_ ? bytes_->size() : 0);
  }
  runtime.modules().set_bytes(digest_, total);
  return kept;
}

}  // namespace mimobox::internal
