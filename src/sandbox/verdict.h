#ifndef MIMOBOX_SANDBOX_VERDICT_H_
#define MIMOBOX_SANDBOX_VERDICT_H_

#include <cstdint>

#include "mimobox/result.h"

#include "engine/instance.h"

namespace mimobox::internal {

/// Why a run ended, from how its guest did; `stop_reason` is that of its `base::StopSignal`.
[[nodiscard]] Verdict verdict_of(const engine::GuestOutcome& outcome, std::uint32_t stop_reason);

/// The bound that a run with this verdict ran into; `of_host` is the first one that refused a host
/// call something.
[[nodiscard]] LimitHit limit_hit_of(Verdict verdict, const engine::GuestOutcome& outcome,
                                    LimitHit of_host);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_VERDICT_H_
