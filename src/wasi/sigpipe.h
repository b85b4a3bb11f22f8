#ifndef MIMOBOX_WASI_SIGPIPE_H_
#define MIMOBOX_WASI_SIGPIPE_H_

#include <csignal>

namespace mimobox::wasi {

/// Keeps the signals of failed writes away from the host while a guest writes to descriptors that
/// were lent to it: SIGPIPE, when a reader has gone, and SIGXFSZ, when a file would grow beyond
/// RLIMIT_FSIZE. From the first `block()` on, the calling thread has them blocked; the destructor,
/// on the same thread, puts the mask back. What is pending of the host's own stays pending.
class SigpipeGuard {
 public:
  SigpipeGuard() = default;
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;
  ~SigpipeGuard();

  void block() noexcept {
    if (!done_) block_now();
  }
  /// After a write of ours failed with EPIPE or EFBIG: takes the signal that it raised.
  void consume() const noexcept;

 private:
  void block_now() noexcept;

  bool done_ = false;
  // Both set by block_now().
  sigset_t before_;
  /// Those of the two that were not pending when they were blocked: what is pending later is ours.
  sigset_t ours_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SIGPIPE_H_
