// What the engine calls instead of memset and memmove (cmake/Engine.cmake renames them in its
// archive): the guest's memory.fill, copy and init are one such call each, of up to 4 GiB.

#include <mimobox_engine.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/activation.h"

namespace mimobox::engine {
namespace {

/// How much is done between two looks at the stop: some tens of microseconds, fresh pages included.
constexpr std::size_t kPiece = 256U << 10;

/// The activation, if `to` lies in the linear memory of the guest that this thread is inside of.
/// Everything else always completes: the engine's own copies, and the reset of a pool's slot, whose
/// next guest would otherwise see what this one left.
Activation* guest_that_owns(const void* to) noexcept {
  Activation* const activation = current_activation();
  if (activation == nullptr || activation->memory == nullptr) return nullptr;
  if (!activation->in_guest.load(std::memory_order_relaxed)) return nullptr;
  const auto base = reinterpret_cast<std::uintptr_t>(activation->memory->base);
  const auto address = reinterpret_cast<std::uintptr_t>(to);
  const std::size_t size = __atomic_load_n(&activation->memory->size, __ATOMIC_RELAXED);
  return address >= base && address - base < size ? activation : nullptr;
}

/// Whether the rest of an operation of this guest is not worth doing.
bool cut(Activation* guest) noexcept {
  if (guest == nullptr || !guest->stop.stopped()) return false;
  guest->bulk_cut = true;
  return true;
}

}  // namespace
}  // namespace mimobox::engine

extern "C" {

void* mimobox_engine_memset(void* to, int value, std::size_t size) noexcept {
  using namespace mimobox::engine;
  if (size <= kPiece) return std::memset(to, value, size);
  Activation* const guest = guest_that_owns(to);
  if (guest == nullptr) return std::memset(to, value, size);
  for (std::size_t done = 0; done < size && !cut(guest);) {
    const std::size_t piece = std::min(kPiece, size - done);
    std::memset(static_cast<char*>(to) + done, value, piece);
    done += piece;
  }
  return to;
}

void* mimobox_engine_memmove(void* to, const void* from, std::size_t size) noexcept {
  using namespace mimobox::engine;
  if (size <= kPiece) return std::memmove(to, from, size);
  Activation* const guest = guest_that_owns(to);
  if (guest == nullptr) return std::memmove(to, from, size);
  auto* const target = static_cast<char*>(to);
  const auto* const source = static_cast<const char*>(from);
  // From the end when the pieces would otherwise overwrite what is still to be read.
  const bool backwards =
      reinterpret_cast<std::uintptr_t>(to) > reinterpret_cast<std::uintptr_t>(from);
  for (std::size_t done = 0; done < size && !cut(guest);) {
    const std::size_t piece = std::min(kPiece, size - done);
    const std::size_t at = backwards ? size - done - piece : done;
    std::memmove(target + at, source + at, piece);
    done += piece;
  }
  return to;
}

}  // extern "C"
