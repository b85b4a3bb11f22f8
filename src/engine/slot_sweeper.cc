#include "engine/slot_sweeper.h"

#include <mimobox_engine.h>
#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <vector>

#include "engine/engine.h"
#include "engine/errors.h"

namespace mimobox::engine {
namespace {

/// What takes a slot: (module (memory (export "m") 0 1)).
constexpr std::uint8_t kHolder[] = {0, 'a', 's', 'm', 1, 0, 0,   0, 5, 4, 1,
                                    1, 0,   1,   7,   5, 1, 1, 'm', 2, 0};

/// An instance that keeps a slot from others.
class HeldSlot {
 public:
  explicit HeldSlot(wasm_engine_t& engine) : store_(wasmtime_store_new(&engine, nullptr, nullptr)) {}
  HeldSlot(HeldSlot&& from) noexcept : store_(std::exchange(from.store_, nullptr)) {}
  HeldSlot& operator=(HeldSlot&&) = delete;
  ~HeldSlot() {
    if (store_ != nullptr) wasmtime_store_delete(store_);
  }

  /// Takes a slot and gives its pages back: the engine sees zeros, or what the slot's next image
  /// says, where there are none. False when no slot is free.
  [[nodiscard]] bool take_and_clear(const wasmtime_module_t& holder) {
    wasmtime_context_t* const context = wasmtime_store_context(store_);
    wasmtime_instance_t instance;
    wasm_trap_t* trap = nullptr;
    const ErrorPtr error(wasmtime_instance_new(context, &holder, nullptr, 0, &instance, &trap));
    const TrapPtr trapped(trap);
    wasmtime_extern_t memory;
    if (error || trapped || !wasmtime_instance_export_get(context, &instance, "m", 1, &memory))
      return false;
    ::madvise(wasmtime_memory_data(context, &memory.of.memory), kKeptMemoryBytes, MADV_DONTNEED);
    wasmtime_extern_delete(&memory);
    return true;
  }

 private:
  wasmtime_store_t* store_;
};

struct ModuleDelete {
  void operator()(wasmtime_module_t* module) const { wasmtime_module_delete(module); }
};

}  // namespace

Result<std::shared_ptr<SlotSweeper>> SlotSweeper::create(std::chrono::nanoseconds idle) {
  auto watchdog = Watchdog::create(PooledSlots::look);
  if (!watchdog) return std::unexpected(std::move(watchdog).error());
  auto sweeper = std::shared_ptr<SlotSweeper>(new SlotSweeper(idle));
  sweeper->watchdog_ = *std::move(watchdog);
  return sweeper;
}

void PooledSlots::note_use() noexcept {
  // Written once for all runs between two looks: other threads have them in their caches.
  if (!used_.load()) used_.store(true);
  if (awaited_.load() || awaited_.exchange(true)) return;
  sweeper_->watchdog_->remove(*this);
  sweeper_->watchdog_->add(*this, Deadline::clock::now() + sweeper_->idle_);
}

std::chrono::nanoseconds PooledSlots::look(Watched& item, unsigned /*looks_before*/) noexcept {
  auto& slots = static_cast<PooledSlots&>(item);
  const std::chrono::nanoseconds idle = slots.sweeper_->idle_;
  if (slots.used_.exchange(false)) return idle;
  slots.sweep();
  slots.awaited_.store(false);
  // A run that began before that, and saw that the sweeper had a time, left it at that.
  if (slots.used_.load() && !slots.awaited_.exchange(true)) return idle;
  return std::chrono::hours{24 * 365};
}

// Whoever has a slot may do with its memory what he likes: so all that are free are taken, with
// instances of a module of our own, before any is let go.
void PooledSlots::sweep() const noexcept {
  try {
    if (!start_compile_threads()) return;
    wasmtime_module_t* module = nullptr;
    const ErrorPtr error(wasmtime_module_new(&engine_, kHolder, sizeof kHolder, &module));
    if (error) return;
    const std::unique_ptr<wasmtime_module_t, ModuleDelete> holder(module);
    std::vector<HeldSlot> held;
    do {
      held.emplace_back(engine_);
    } while (held.back().take_and_clear(*holder));
  } catch (const std::bad_alloc&) {  // then those that were not reached keep theirs
  }
}

}  // namespace mimobox::engine
