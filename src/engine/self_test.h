#ifndef MIMOBOX_ENGINE_SELF_TEST_H_
#define MIMOBOX_ENGINE_SELF_TEST_H_

#include <expected>
#include <memory>
#include <string>

#include "engine/signal_registry.h"
#include "engine/trap_site.h"

namespace mimobox::engine {

/// Why interrupting by signals was not found to work.
struct SelfTestFailure {
  std::string why;
  /// It says something about engine, kernel and machine. If not, about the moment only: a host
  /// without memory, or too busy to tell.
  bool lasting = false;
};

/// Tries on this machine what interrupting guests by signals rests on (engine/divert.h): that the
/// engine keeps frames, memory and its functions where we look for them, and that guests which do
/// what has once gone wrong are stopped, with the right outcome, a hundred times. Some tens of
/// milliseconds. If the engine is not what we think, this may end the process: whoever calls it
/// writes down first that it did.
[[nodiscard]] std::expected<void, SelfTestFailure> test_signal_way(
    const SignalUse& signal, const std::shared_ptr<const TrapSite>& trap);

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_SELF_TEST_H_
