#include "engine/instance.h"

#include <mimobox_engine.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/host_call.h"
#include "engine/errors.h"
#include "engine/guest_signals.h"
#include "engine/host_binding.h"

namespace mimobox::engine {
namespace {

using Clock = std::chrono::steady_clock;

struct StoreDelete {
  void operator()(wasmtime_store_t* store) const { wasmtime_store_delete(store); }
};
using StorePtr = std::unique_ptr<wasmtime_store_t, StoreDelete>;

/// What the guest's store points at while it lives.
struct GuestState {
  HostCallState calls;
  mimobox_limiter_t limiter{};
  InterruptibleRun* run = nullptr;
  std::optional<Clock::time_point> instantiated;
};

/// A store with the run's limits, whose data is the state's `calls`.
StorePtr make_store(const Code& code, const GuestLimits& limits, GuestState& state) {
  StorePtr store(wasmtime_store_new(code.engine().raw(), &state.calls, nullptr));
  wasmtime_context_t* context = wasmtime_store_context(store.get());
  state.limiter.memory_limit_bytes = limits.memory_bytes;
  state.limiter.table_limit_elements = limits.table_elements;
  state.limiter.stop_word = state.run->stop_signal().word();
  state.limiter.tables_to_make = code.table_count();
  state.limiter.end_on_denied = limits.end_on_denied;
  mimobox_store_set_limiter(store.get(), &state.limiter);
  const CodeKey& key = code.engine().key().code;
  if (key.interrupt == InterruptWay::kEpoch) {
    mimobox_store_stop_at_epoch(store.get(), &state.limiter);
  }
  if (key.metered) {
    // Fails for engines without metering only.
    const ErrorPtr error(wasmtime_context_set_fuel(context, limits.fuel));
  }
  return store;
}

void set_end(GuestOutcome& outcome, const GuestState& state, GuestEnd end) {
  outcome.end = end;
  outcome.peak_memory_bytes = state.limiter.memory_bytes;
  outcome.denied_grows = state.limiter.denied_grows;
  outcome.last_grow_denied = state.limiter.last_grow_denied;
  outcome.peak_table_elements = state.limiter.table_elements;
  outcome.denied_table_grows = state.limiter.denied_table_grows;
}

GuestOutcome outcome_of(const GuestState& state, GuestEnd end) {
  GuestOutcome outcome;
  set_end(outcome, state, end);
  return outcome;
}

/// The frames of a trap, at their places in the bytes that were compiled.
std::vector<Frame> frames_of(const Code& code, std::vector<Frame> frames) {
  for (Frame& frame : frames) {
    if (frame.module_offset) {
      *frame.module_offset -= static_cast<std::uint64_t>(code.code_moved());
    }
  }
  return frames;
}

/// The outcome of a guest that was stopped, with its true place ahead of the calls that led there.
GuestOutcome stopped(const Code& code, const GuestState& state, const wasm_trap_t* trap) {
  GuestOutcome outcome = outcome_of(state, GuestEnd::kStopped);
  const std::uintptr_t place = state.run->activation().diverted_from;
  if (place != 0) {
    if (auto frame = code.frame_at(place)) outcome.stopped_in.push_back(std::move(*frame));
  }
  if (trap != nullptr) {
    auto frames = frames_of(code, describe_trap(*trap).frames);
    std::ranges::move(frames, std::back_inserter(outcome.stopped_in));
  }
  return outcome;
}

/// Says why guest code did not come back, from our own record first.
GuestOutcome explain(const Code& code, const GuestState& state, const wasm_trap_t* trap) {
  switch (state.calls.ended_by) {
    case base::HostCallOutcome::kExit:
      return outcome_of(state, GuestEnd::kExited);
    case base::HostCallOutcome::kStop:
      return stopped(code, state, trap);
    case base::HostCallOutcome::kReturn:
      break;
  }
  if (state.limiter.stopped) return stopped(code, state, trap);
  if (state.limiter.ended_by_memory) return outcome_of(state, GuestEnd::kMemoryDenied);
  if (state.limiter.ended_by_table) return outcome_of(state, GuestEnd::kTableDenied);
  // A trap that came before the interrupt is not in its record.
  if (state.run->activation().interrupted()) return stopped(code, state, trap);
  if (trap != nullptr && is_out_of_fuel(*trap)) return outcome_of(state, GuestEnd::kOutOfFuel);
  GuestOutcome outcome = outcome_of(state, GuestEnd::kTrapped);
  if (trap == nullptr) {
    outcome.trap = Trap{TrapCode::kOther, "the engine ended the guest without a trap"};
    return outcome;
  }
  outcome.trap = describe_trap(*trap);
  outcome.trap->frames = frames_of(code, std::move(outcome.trap->frames));
  return outcome;
}

/// The engine could not make the instance, and no guest code is to blame.
SandboxError refusal(const GuestState& state, const GuestLimits& limits,
                     const wasmtime_error_t& error) {
  if (state.limiter.refused_minimum_bytes != 0) {
    return {ErrorCode::kMemoryAboveLimit,
            "the module's memory starts at " + std::to_string(state.limiter.refused_minimum_bytes) +
                " bytes, above the limit of " + std::to_string(limits.memory_bytes) +
                " (memory_bytes); raise the limit"};
  }
  if (state.limiter.refused_table_elements != 0) {
    return {ErrorCode::kModuleTooLarge, "the module's tables start with " +
                                            std::to_string(state.limiter.refused_table_elements) +
                                            " elements, more than the " +
                                            std::to_string(limits.table_elements) +
                                            " allowed (table_elements); raise the limit"};
  }
  return {ErrorCode::kResourceExhausted, "no instance: " + error_text(error)};
}

std::optional<std::uint64_t> fuel_used(const Code& code, const GuestLimits& limits,
                                       wasmtime_context_t* context) {
  if (!code.engine().key().code.metered) return std::nullopt;
  std::uint64_t left = 0;
  const ErrorPtr error(wasmtime_context_get_fuel(context, &left));
  return error ? 0 : limits.fuel - left;
}

/// Whether the guest, and not the host, is why there is no instance: its start function ran.
bool guest_ended(const GuestState& state) {
  return state.limiter.stopped || state.limiter.ended_by_memory || state.limiter.ended_by_table ||
         state.calls.ended_by != base::HostCallOutcome::kReturn;
}

/// Instantiates and calls; the store and what is in it stay. Sets `outcome` unless it fails.
Result<void> run_in_store(const Code& code, const GuestLimits& limits, GuestState& state,
                          wasmtime_store_t& store, GuestOutcome& outcome) {
  Activation& activation = state.run->activation();
  // After the epoch deadline was set: a stop from before may have bumped the epoch in vain.
  if (state.run->stop_signal().stopped()) {
    set_end(outcome, state, GuestEnd::kStopped);
    return {};
  }

  wasmtime_context_t* context = wasmtime_store_context(&store);
  wasmtime_instance_t instance;
  wasm_trap_t* raw_trap = nullptr;
  const ErrorPtr error(
      wasmtime_instance_pre_instantiate(code.pre_instance(), context, &instance, &raw_trap));
  const TrapPtr start_trap(raw_trap);
  state.instantiated = Clock::now();
  if (error || start_trap) {
    if (!start_trap && !guest_ended(state)) {
      if (!mimobox_error_is_pool_full(error.get())) {
        return std::unexpected(refusal(state, limits, *error));
      }
      set_end(outcome, state, GuestEnd::kNoSlot);
      return {};
    }
    outcome = explain(code, state, start_trap.get());
    outcome.fuel_used = fuel_used(code, limits, context);
    return {};
  }

  std::uint32_t returned = 0;
  const auto call = [&](const mimobox_export& exported) -> std::optional<GuestOutcome> {
    wasmtime_func_t function;
    // One of this module's functions: it is there.
    mimobox_export_function(context, &instance, &exported, &function);
    wasmtime_val_raw_t result{};
    wasm_trap_t* raw = nullptr;
    wasmtime_error_t* error_raw = nullptr;
    {
      const GuestCallScope in_guest(activation, code, context, function);
      error_raw = wasmtime_func_call_unchecked(context, &function, &result, 1, &raw);
    }
    const ErrorPtr failed(error_raw);
    const TrapPtr trap(raw);
    // A guest whose bulk operation was cut may have come back as if it had been done.
    if (failed || trap || activation.interrupted()) return explain(code, state, trap.get());
    returned = static_cast<std::uint32_t>(result.i32);
    return std::nullopt;
  };
  std::optional<GuestOutcome> ended;
  if (code.start_export() != nullptr) {
    ended = call(*code.start_export());
    state.instantiated = Clock::now();
  }
  if (!ended && code.initialize_export() != nullptr) ended = call(*code.initialize_export());
  if (!ended) ended = call(*code.entry_export());
  if (ended) {
    outcome = *std::move(ended);
  } else {
    set_end(outcome, state, GuestEnd::kReturned);
  }
  if (outcome.end == GuestEnd::kReturned && code.entry_point() == EntryPoint::kMainCode) {
    outcome.returned_code = returned;
  }
  outcome.fuel_used = fuel_used(code, limits, context);
  return {};
}

Result<GuestOutcome> too_many_tables(const Code& code, const GuestLimits& limits) {
  return std::unexpected(SandboxError{
      ErrorCode::kModuleTooLarge, "the module has " + std::to_string(code.table_count()) +
                                      " tables, more than the " + std::to_string(limits.tables) +
                                      " allowed (tables); raise the limit"});
}

Result<GuestOutcome> run_in_new_store(const Code& code, const GuestLimits& limits,
                                      InterruptibleRun& run, void* host_context, Deadline begun) {
  code.engine().note_use();
  const GuestSignals let_through(run.interrupt_signal());
  const ActivationScope active(run.activation());
  GuestState state;
  state.calls.context = host_context;
  state.calls.activation = &run.activation();
  state.calls.lends_memory = code.lends_memory();
  state.run = &run;
  StorePtr store = make_store(code, limits, state);
  Result<GuestOutcome> outcome;
  const Result<void> ran = run_in_store(code, limits, state, *store, *outcome);
  const Clock::time_point ended = Clock::now();
  store.reset();
  // Its slot is idle only now: a sweeper that saw no run begin meanwhile looks no more.
  code.engine().note_use();
  if (ran) {
    const Clock::time_point instantiated = state.instantiated.value_or(ended);
    outcome->times = {.instantiate = instantiated - begun,
                      .run = ended - instantiated,
                      .teardown = Clock::now() - ended};
  } else {
    outcome = std::unexpected(ran.error());
  }
  return outcome;
}

}  // namespace

Result<GuestOutcome> run_guest(const Code& code, const GuestLimits& limits, InterruptibleRun& run,
                               void* host_context, Deadline begun) {
  if (code.table_count() > limits.tables) return too_many_tables(code, limits);
  return run_in_new_store(code, limits, run, host_context, begun);
}

}  // namespace mimobox::engine
