#include "engine/slot_sweeper.h"

#include <mimobox_engine.h>
#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "engine/code.h"
#include "engine/engine.h"
#include "engine/errors.h"

namespace mimobox::engine {
namespace {

/// What takes a slot: (module (memory (export "m") 0 1)).
constexpr std::uint8_t kHolder[] = {0, 'a', 's', 'm', 1, 0, 0, 0,   5, 4, 1,
                                    1, 0,   1,   7,   5, 1, 1, 'm', 2, 0};

/// An instance that keeps a slot from others.
class HeldSlot {
 public:
  explicit HeldSlot(wasm_engine_t* engine) : store_(wasmtime_store_new(engine, nullptr, nullptr)) {}
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

}  // namespace

Result<std::shared_ptr<SlotSweeper>> SlotSweeper::create(std::chrono::nanoseconds idle) {
  auto sweeper = std::shared_ptr<SlotSweeper>(new SlotSweeper(idle));
  auto thread = base::Thread::start([self = sweeper.get()] { self->loop(); });
  if (!thread) {
    return std::unexpected(SandboxError{ErrorCode::kResourceExhausted,
                                        "no thread to give back idle slots", thread.error()});
  }
  sweeper->thread_ = std::move(*thread);
  return sweeper;
}

SlotSweeper::~SlotSweeper() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SlotSweeper::await(PooledSlots& slots) noexcept {
  {
    const std::lock_guard lock(mutex_);
    slots.due_ = Clock::now() + idle_;
    awaited_.add(slots);
    // Others are due earlier, and the thread has a time.
    if (first_due() != &slots) return;
  }
  changed_.notify_all();
}

void SlotSweeper::forget(PooledSlots& slots) noexcept {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return at_work_ != &slots; });
  if (awaited_.contains(slots)) awaited_.remove(slots);
}

PooledSlots* SlotSweeper::first_due() const noexcept {
  PooledSlots* first = nullptr;
  awaited_.for_each([&](PooledSlots& slots) {
    if (first == nullptr || slots.due_ < first->due_) first = &slots;
  });
  return first;
}

void SlotSweeper::loop() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    PooledSlots* const next = first_due();
    if (next != nullptr && next->due_ <= Clock::now()) {
      look(*next, lock);
      continue;
    }
    if (next == nullptr) {
      changed_.wait(lock);
    } else {
      const Clock::time_point due = next->due_;
      changed_.wait_until(lock, due);
    }
    ++wake_ups_;
  }
}

void SlotSweeper::look(PooledSlots& slots, std::unique_lock<std::mutex>& lock) noexcept {
  if (slots.used_.exchange(false)) {
    slots.due_ = Clock::now() + idle_;
    return;
  }
  at_work_ = &slots;
  lock.unlock();
  slots.sweep();
  lock.lock();
  at_work_ = nullptr;
  changed_.notify_all();
  slots.awaited_.store(false);
  if (slots.used_.load() && !slots.awaited_.exchange(true)) {
    // A run that began before that, and saw that the sweeper had a time, left it at that.
    slots.due_ = Clock::now() + idle_;
  } else {
    awaited_.remove(slots);
  }
}

PooledSlots::~PooledSlots() {
  sweeper_->forget(*this);
  if (holder_ != nullptr) wasmtime_module_delete(holder_);
}

void PooledSlots::note_use() noexcept {
  // Written once for all runs between two looks: other threads have them in their caches.
  if (!used_.load()) used_.store(true);
  if (awaited_.load() || awaited_.exchange(true)) return;
  sweeper_->await(*this);
}

// Whoever has a slot may do with its memory what he likes: so all that are free are taken, with
// instances of a module of our own, before any is let go.
void PooledSlots::sweep() noexcept {
  try {
    if (holder_ == nullptr && !make_holder()) return;
    std::vector<HeldSlot> held;
    do {
      held.emplace_back(engine_.raw());
    } while (held.back().take_and_clear(*holder_));
  } catch (const std::bad_alloc&) {  // then those that were not reached keep theirs
  }
}

bool PooledSlots::make_holder() {
  const auto code = compile(engine_, std::as_bytes(std::span(kHolder)));
  if (!code) return false;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(code->data());
  const ErrorPtr error(wasmtime_module_deserialize(engine_.raw(), bytes, code->size(), &holder_));
  return !error;
}

}  // namespace mimobox::engine
