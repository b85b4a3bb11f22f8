#include "engine/fault_handlers.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "engine/machine_context.h"

namespace mimobox::engine {
namespace {

// Part of the registry of signals: dispositions belong to the process, and so does this.
constinit std::array<std::atomic<std::uintptr_t>, std::size(kFaultSignals)> noted{};  // NOLINT

std::uintptr_t handler_of(int number) noexcept {
  struct sigaction now{};
  if (::sigaction(number, nullptr, &now) != 0) return 0;
  return (now.sa_flags & SA_SIGINFO) != 0 ? reinterpret_cast<std::uintptr_t>(now.sa_sigaction)
                                          : reinterpret_cast<std::uintptr_t>(now.sa_handler);
}

}  // namespace

void note_fault_handlers() noexcept {
  for (std::size_t i = 0; i < noted.size(); ++i) {
    std::uintptr_t none = 0;
    noted[i].compare_exchange_strong(none, handler_of(kFaultSignals[i]));
  }
}

std::optional<int> replaced_fault_handler() noexcept {
  for (std::size_t i = 0; i < noted.size(); ++i) {
    const std::uintptr_t engines = noted[i].load();
    if (engines != 0 && handler_of(kFaultSignals[i]) != engines) return kFaultSignals[i];
  }
  return std::nullopt;
}

}  // namespace mimobox::engine
