#ifndef MIMOBOX_BASE_INTERRUPTED_H_
#define MIMOBOX_BASE_INTERRUPTED_H_

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace mimobox::base {

/// Makes a system call again as long as a signal interrupts it: signals of the host are no affair
/// of whoever asked for the call. `give_up` is looked at before each time but the first; for what
/// may wait long it says whether the run is being stopped.
template <class Call, class GiveUp>
auto again_if_interrupted(Call call, GiveUp give_up) {
  while (true) {
    auto result = call();
    if (!(result < 0) || errno != EINTR || give_up()) return result;
  }
}

template <class Call>
auto again_if_interrupted(Call call) {
  return again_if_interrupted(std::move(call), [] { return false; });
}

/// open() and openat() that no signal of the host interrupts.
inline int open_again(const char* path, int flags, mode_t mode = 0) {
  return again_if_interrupted([&] { return ::open(path, flags, mode); });
}
inline int openat_again(int folder, const char* name, int flags, mode_t mode = 0) {
  return again_if_interrupted([&] { return ::openat(folder, name, flags, mode); });
}

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_INTERRUPTED_H_
