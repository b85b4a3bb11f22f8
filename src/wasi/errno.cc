#include "wasi/errno.h"

#include <cerrno>

namespace mimobox::wasi {

Errno from_host_errno(int host_errno) noexcept {
  switch (host_errno) {
    case 0:
      return Errno::kSuccess;
    case EACCES:
      return Errno::kAcces;
    case EAGAIN:
      return Errno::kAgain;
    case EBADF:
      return Errno::kBadf;
    case ECONNRESET:
      return Errno::kConnreset;
    case EDQUOT:
      return Errno::kDquot;
    case EFBIG:
      return Errno::kFbig;
    case EINTR:
      return Errno::kIntr;
    case EINVAL:
      return Errno::kInval;
    case EISDIR:
      return Errno::kIsdir;
    case ENOMEM:
      return Errno::kNomem;
    case ENOSPC:
      return Errno::kNospc;
    case EPERM:
      return Errno::kPerm;
    case EPIPE:
      return Errno::kPipe;
    case ESPIPE:
      return Errno::kSpipe;
    default:
      return Errno::kIo;
  }
}

}  // namespace mimobox::wasi
