#ifndef MIMOBOX_WASI_SIGPIPE_H_
#define MIMOBOX_WASI_SIGPIPE_H_

namespace mimobox::wasi {

/// Keeps SIGPIPE away from the host while a guest writes to descriptors whose reader may go: from
/// the first `block()` on, the calling thread has it blocked; the destructor, on the same thread,
/// puts the mask back. A host's own pending SIGPIPE stays pending.
class SigpipeGuard {
 public:
  SigpipeGuard() = default;
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;
  ~SigpipeGuard();

  void block() noexcept;
  /// After a write of ours failed with EPIPE: takes the signal that it raised.
  void consume() const noexcept;

 private:
  bool blocked_here_ = false;
  bool done_ = false;
  bool pending_before_ = false;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SIGPIPE_H_
