#include "sandbox/verdict.h"

#include "engine/interrupter.h"

namespace mimobox::internal {
namespace {

Verdict verdict_of_stop(std::uint32_t reason) {
  switch (static_cast<engine::StopReason>(reason)) {
    case engine::StopReason::kTimeLimit:
      return Verdict::kTimeLimit;
    case engine::StopReason::kCancelled:
      return Verdict::kCancelled;
    case engine::StopReason::kCallbackFailed:
      return Verdict::kCallbackFailed;
    case engine::StopReason::kCpuTimeLimit:
      return Verdict::kCpuTimeLimit;
    case engine::StopReason::kOutputLimit:
      return Verdict::kOutputLimit;
  }
  return Verdict::kCancelled;
}

Verdict verdict_of_trap(const engine::GuestOutcome& outcome) {
  if (outcome.trap->code == TrapCode::kStackOverflow) return Verdict::kStackOverflow;
  return outcome.last_grow_denied ? Verdict::kMemoryLimit : Verdict::kTrapped;
}

/// What a guest went on after.
LimitHit refused_on_the_way(const engine::GuestOutcome& outcome, LimitHit of_host) {
  if (outcome.denied_grows > 0) return LimitHit::kMemoryBytes;
  if (outcome.denied_table_grows > 0) return LimitHit::kTableElements;
  return of_host;
}

}  // namespace

Verdict verdict_of(const engine::GuestOutcome& outcome, std::uint32_t stop_reason) {
  switch (outcome.end) {
    case engine::GuestEnd::kReturned:
    case engine::GuestEnd::kExited:
      return Verdict::kExited;
    case engine::GuestEnd::kStopped:
      return verdict_of_stop(stop_reason);
    case engine::GuestEnd::kOutOfFuel:
      return Verdict::kOutOfFuel;
    case engine::GuestEnd::kMemoryDenied:
    case engine::GuestEnd::kTableDenied:
      return Verdict::kMemoryLimit;
    case engine::GuestEnd::kTrapped:
      return verdict_of_trap(outcome);
    case engine::GuestEnd::kNoSlot:  // such a guest is run on demand
      break;
  }
  return Verdict::kTrapped;
}

LimitHit limit_hit_of(Verdict verdict, const engine::GuestOutcome& outcome, LimitHit of_host) {
  switch (verdict) {
    case Verdict::kTimeLimit:
      return LimitHit::kWallTime;
    case Verdict::kCpuTimeLimit:
      return LimitHit::kCpuTime;
    case Verdict::kOutOfFuel:
      return LimitHit::kFuel;
    case Verdict::kMemoryLimit:
      return outcome.end == engine::GuestEnd::kTableDenied ? LimitHit::kTableElements
                                                           : LimitHit::kMemoryBytes;
    case Verdict::kStackOverflow:
      return LimitHit::kStackBytes;
    case Verdict::kOutputLimit:
      return of_host;
    case Verdict::kExited:
    case Verdict::kTrapped:
    case Verdict::kCancelled:
    case Verdict::kCallbackFailed:
      return refused_on_the_way(outcome, of_host);
  }
  return LimitHit::kNone;
}

}  // namespace mimobox::internal
