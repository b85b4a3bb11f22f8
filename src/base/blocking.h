#ifndef MIMOBOX_BASE_BLOCKING_H_
#define MIMOBOX_BASE_BLOCKING_H_

namespace mimobox::base {

/// Told by host code that its thread is about to enter a system call that may block although poll()
/// said it would not (the open file is shared with other processes). Between the two calls whoever
/// stops the run interrupts the thread by a signal until the system call has come back with EINTR.
class BlockingNotice {
 public:
  BlockingNotice() = default;
  BlockingNotice(const BlockingNotice&) = delete;
  BlockingNotice& operator=(const BlockingNotice&) = delete;
  virtual ~BlockingNotice() = default;

  virtual void begin_blocking() noexcept = 0;
  virtual void end_blocking() noexcept = 0;
};

/// Holds the notice for one system call.
class BlockingScope {
 public:
  explicit BlockingScope(BlockingNotice& notice) : notice_(notice) { notice_.begin_blocking(); }
  BlockingScope(const BlockingScope&) = delete;
  BlockingScope& operator=(const BlockingScope&) = delete;
  ~BlockingScope() { notice_.end_blocking(); }

 private:
  BlockingNotice& notice_;
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_BLOCKING_H_
