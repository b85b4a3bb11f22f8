#ifndef MIMOBOX_ENGINE_SELF_TEST_H_
#define MIMOBOX_ENGINE_SELF_TEST_H_

#include <memory>

#include "mimobox/error.h"

#include "engine/signal_registry.h"
#include "engine/trap_site.h"

namespace mimobox::engine {

/// Tries on this machine what interrupting guests by signals rests on (engine/divert.h): that the
/// engine keeps frames, memory and its functions where we look for them, and that guests which do
/// what has once gone wrong are stopped, with the right outcome, a hundred times. Some tens of
/// milliseconds. The error names what is not so. If the engine is not what we think, this may end
/// the process: whoever calls it writes down first that it did.
[[nodiscard]] Result<void> test_signal_way(const SignalUse& signal,
                                           const std::shared_ptr<const TrapSite>& trap);

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_SELF_TEST_H_
