#include "sandbox/cancellation.h"

namespace mimobox::internal {

void Cancellation::request() noexcept {
  const std::lock_guard lock(mutex_);
  requested_.store(true);
  // Who waits holds no lock of ours that this could want.
  if (waits_) waits_->request_stop();
  if (engine::InterruptibleRun* const guest = guest_.load()) {
    interrupter_->stop(*guest, engine::StopReason::kCancelled);
  }
}

std::stop_token Cancellation::token() {
  const std::lock_guard lock(mutex_);
  if (!waits_) {
    waits_.emplace();
    if (requested_.load()) waits_->request_stop();
  }
  return waits_->get_token();
}

CancelScope::CancelScope(Cancellation& cancel, engine::Interrupter& interrupter,
                         engine::InterruptibleRun& guest) noexcept
    : cancel_(cancel) {
  cancel_.interrupter_ = &interrupter;
  cancel_.guest_.store(&guest);
  if (cancel_.requested_.load()) interrupter.stop(guest, engine::StopReason::kCancelled);
}

CancelScope::~CancelScope() {
  cancel_.guest_.store(nullptr);
  if (!cancel_.requested_.load()) return;
  // A request that found the guest is through when it has let go of the lock.
  const std::lock_guard lock(cancel_.mutex_);
}

}  // namespace mimobox::internal
