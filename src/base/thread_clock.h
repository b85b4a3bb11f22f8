#ifndef MIMOBOX_BASE_THREAD_CLOCK_H_
#define MIMOBOX_BASE_THREAD_CLOCK_H_

#include <chrono>
#include <ctime>

namespace mimobox::base {

/// The CPU time of the thread that made this object, readable from any thread while that one lives.
class ThreadClock {
 public:
  ThreadClock() noexcept;

  /// CPU time that the thread has used since it began; one system call.
  [[nodiscard]] std::chrono::nanoseconds now() const noexcept;

 private:
  clockid_t clock_;
};

/// CPU time that the calling thread has used since it began; one system call, a shorter one.
[[nodiscard]] std::chrono::nanoseconds cpu_time_of_this_thread() noexcept;

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_THREAD_CLOCK_H_
