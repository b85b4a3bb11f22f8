#include "tests/unit/engine/run_code.h"

#include <span>
#include <utility>

#include "base/host_call.h"
#include "engine/signal_registry.h"

namespace mimobox::engine::testing {
namespace {

base::HostCallOutcome note(void* context, std::span<std::byte> memory,
                           base::RawValue* values) noexcept {
  auto& record = *static_cast<Record*>(context);
  record.value = static_cast<std::uint64_t>(values[0].i64);
  record.memory_bytes = memory.size();
  values[0].i32 = 7;
  return base::HostCallOutcome::kReturn;
}

base::HostCallOutcome leave(void*, std::span<std::byte>, base::RawValue*) noexcept {
  return base::HostCallOutcome::kExit;
}

constexpr base::HostFunction kFunctions[] = {
    {"note", "I:i", note},
    {"leave", ":", leave},
};

/// The handler of the signal that runs are interrupted with.
const SignalUse& signal_use() {
  static const SignalUse use = std::move(*SignalUse::acquire(SIGURG));
  return use;
}

}  // namespace

Result<std::shared_ptr<Engine>> make_engine(const EngineKey& key) {
  if (key.code.interrupt == InterruptWay::kEpoch) return Engine::create(key, {"test", kFunctions});
  auto trap = TrapSite::make();
  if (!trap) return std::unexpected(std::move(trap).error());
  return Engine::create(key, {"test", kFunctions}, std::move(*trap));
}

Result<std::shared_ptr<const Code>> compile_text(std::shared_ptr<Engine> engine,
                                                 std::string_view text) {
  const auto bytes = text_to_binary(text);
  if (!bytes) return std::unexpected(bytes.error());
  const auto artifact = engine::compile(*engine, *bytes);
  if (!artifact) return std::unexpected(artifact.error());
  return Code::load(std::move(engine), *artifact);
}

Ended run_code(Interrupter& interrupter, const Code& code, const GuestLimits& limits,
               std::optional<std::chrono::nanoseconds> wall) {
  Ended ended;
  std::optional<Deadline> deadline;
  InterruptibleRun run(code.engine(), signal_use().number());
  if (wall) deadline = Deadline::clock::now() + *wall;
  {
    const ArmedScope armed(interrupter, run, {.wall = deadline});
    ended.outcome = run_guest(code, limits, run, &ended.record);
  }
  if (deadline) ended.late = Deadline::clock::now() - *deadline;
  ended.stop_reason = run.stop_signal().reason();
  return ended;
}

}  // namespace mimobox::engine::testing
