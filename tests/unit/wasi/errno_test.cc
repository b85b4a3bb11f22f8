#include "wasi/errno.h"

#include <cerrno>
#include <utility>

#include <gtest/gtest.h>

namespace mimobox::wasi {
namespace {

TEST(FromHostErrno, AnswersEachErrnoByItsName) {
  EXPECT_EQ(from_host_errno(0), Errno::kSuccess);
  EXPECT_EQ(from_host_errno(E2BIG), Errno::k2big);
  EXPECT_EQ(from_host_errno(EACCES), Errno::kAcces);
  EXPECT_EQ(from_host_errno(EADDRINUSE), Errno::kAddrinuse);
  EXPECT_EQ(from_host_errno(EADDRNOTAVAIL), Errno::kAddrnotavail);
  EXPECT_EQ(from_host_errno(EAFNOSUPPORT), Errno::kAfnosupport);
  EXPECT_EQ(from_host_errno(EAGAIN), Errno::kAgain);
  EXPECT_EQ(from_host_errno(EALREADY), Errno::kAlready);
  EXPECT_EQ(from_host_errno(EBADF), Errno::kBadf);
  EXPECT_EQ(from_host_errno(EBADMSG), Errno::kBadmsg);
  EXPECT_EQ(from_host_errno(EBUSY), Errno::kBusy);
  EXPECT_EQ(from_host_errno(ECANCELED), Errno::kCanceled);
  EXPECT_EQ(from_host_errno(ECHILD), Errno::kChild);
  EXPECT_EQ(from_host_errno(ECONNABORTED), Errno::kConnaborted);
  EXPECT_EQ(from_host_errno(ECONNREFUSED), Errno::kConnrefused);
  EXPECT_EQ(from_host_errno(ECONNRESET), Errno::kConnreset);
  EXPECT_EQ(from_host_errno(EDEADLK), Errno::kDeadlk);
  EXPECT_EQ(from_host_errno(EDESTADDRREQ), Errno::kDestaddrreq);
  EXPECT_EQ(from_host_errno(EDOM), Errno::kDom);
  EXPECT_EQ(from_host_errno(EDQUOT), Errno::kDquot);
  EXPECT_EQ(from_host_errno(EEXIST), Errno::kExist);
  EXPECT_EQ(from_host_errno(EFAULT), Errno::kFault);
  EXPECT_EQ(from_host_errno(EFBIG), Errno::kFbig);
  EXPECT_EQ(from_host_errno(EHOSTUNREACH), Errno::kHostunreach);
  EXPECT_EQ(from_host_errno(EIDRM), Errno::kIdrm);
  EXPECT_EQ(from_host_errno(EILSEQ), Errno::kIlseq);
  EXPECT_EQ(from_host_errno(EINPROGRESS), Errno::kInprogress);
  EXPECT_EQ(from_host_errno(EINTR), Errno::kIntr);
  EXPECT_EQ(from_host_errno(EINVAL), Errno::kInval);
  EXPECT_EQ(from_host_errno(EIO), Errno::kIo);
  EXPECT_EQ(from_host_errno(EISCONN), Errno::kIsconn);
  EXPECT_EQ(from_host_errno(EISDIR), Errno::kIsdir);
  EXPECT_EQ(from_host_errno(ELOOP), Errno::kLoop);
  EXPECT_EQ(from_host_errno(EMFILE), Errno::kMfile);
  EXPECT_EQ(from_host_errno(EMLINK), Errno::kMlink);
  EXPECT_EQ(from_host_errno(EMSGSIZE), Errno::kMsgsize);
  EXPECT_EQ(from_host_errno(EMULTIHOP), Errno::kMultihop);
  EXPECT_EQ(from_host_errno(ENAMETOOLONG), Errno::kNametoolong);
  EXPECT_EQ(from_host_errno(ENETDOWN), Errno::kNetdown);
  EXPECT_EQ(from_host_errno(ENETRESET), Errno::kNetreset);
  EXPECT_EQ(from_host_errno(ENETUNREACH), Errno::kNetunreach);
  EXPECT_EQ(from_host_errno(ENFILE), Errno::kNfile);
  EXPECT_EQ(from_host_errno(ENOBUFS), Errno::kNobufs);
  EXPECT_EQ(from_host_errno(ENODEV), Errno::kNodev);
  EXPECT_EQ(from_host_errno(ENOENT), Errno::kNoent);
  EXPECT_EQ(from_host_errno(ENOEXEC), Errno::kNoexec);
  EXPECT_EQ(from_host_errno(ENOLCK), Errno::kNolck);
  EXPECT_EQ(from_host_errno(ENOLINK), Errno::kNolink);
  EXPECT_EQ(from_host_errno(ENOMEM), Errno::kNomem);
  EXPECT_EQ(from_host_errno(ENOMSG), Errno::kNomsg);
  EXPECT_EQ(from_host_errno(ENOPROTOOPT), Errno::kNoprotoopt);
  EXPECT_EQ(from_host_errno(ENOSPC), Errno::kNospc);
  EXPECT_EQ(from_host_errno(ENOSYS), Errno::kNosys);
  EXPECT_EQ(from_host_errno(ENOTCONN), Errno::kNotconn);
  EXPECT_EQ(from_host_errno(ENOTDIR), Errno::kNotdir);
  EXPECT_EQ(from_host_errno(ENOTEMPTY), Errno::kNotempty);
  EXPECT_EQ(from_host_errno(ENOTRECOVERABLE), Errno::kNotrecoverable);
  EXPECT_EQ(from_host_errno(ENOTSOCK), Errno::kNotsock);
  EXPECT_EQ(from_host_errno(ENOTSUP), Errno::kNotsup);
  EXPECT_EQ(from_host_errno(ENOTTY), Errno::kNotty);
  EXPECT_EQ(from_host_errno(ENXIO), Errno::kNxio);
  EXPECT_EQ(from_host_errno(EOVERFLOW), Errno::kOverflow);
  EXPECT_EQ(from_host_errno(EOWNERDEAD), Errno::kOwnerdead);
  EXPECT_EQ(from_host_errno(EPERM), Errno::kPerm);
  EXPECT_EQ(from_host_errno(EPIPE), Errno::kPipe);
  EXPECT_EQ(from_host_errno(EPROTO), Errno::kProto);
  EXPECT_EQ(from_host_errno(EPROTONOSUPPORT), Errno::kProtonosupport);
  EXPECT_EQ(from_host_errno(EPROTOTYPE), Errno::kPrototype);
  EXPECT_EQ(from_host_errno(ERANGE), Errno::kRange);
  EXPECT_EQ(from_host_errno(EROFS), Errno::kRofs);
  EXPECT_EQ(from_host_errno(ESPIPE), Errno::kSpipe);
  EXPECT_EQ(from_host_errno(ESRCH), Errno::kSrch);
  EXPECT_EQ(from_host_errno(ESTALE), Errno::kStale);
  EXPECT_EQ(from_host_errno(ETIMEDOUT), Errno::kTimedout);
  EXPECT_EQ(from_host_errno(ETXTBSY), Errno::kTxtbsy);
  EXPECT_EQ(from_host_errno(EXDEV), Errno::kXdev);
  EXPECT_EQ(from_host_errno(EOPNOTSUPP), Errno::kNotsup);
  EXPECT_EQ(from_host_errno(EWOULDBLOCK), Errno::kAgain);
}

TEST(FromHostErrno, AnswersIoForWhatHasNoName) {
  EXPECT_EQ(from_host_errno(ENODATA), Errno::kIo);
  EXPECT_EQ(from_host_errno(-1), Errno::kIo);
  EXPECT_EQ(from_host_errno(100'000), Errno::kIo);
}

TEST(Errno, HasTheNumbersOfTheSpecification) {
  EXPECT_EQ(std::to_underlying(Errno::k2big), 1);
  EXPECT_EQ(std::to_underlying(Errno::kBadf), 8);
  EXPECT_EQ(std::to_underlying(Errno::kDquot), 19);
  EXPECT_EQ(std::to_underlying(Errno::kInval), 28);
  EXPECT_EQ(std::to_underlying(Errno::kMfile), 33);
  EXPECT_EQ(std::to_underlying(Errno::kNoent), 44);
  EXPECT_EQ(std::to_underlying(Errno::kNotdir), 54);
  EXPECT_EQ(std::to_underlying(Errno::kPerm), 63);
  EXPECT_EQ(std::to_underlying(Errno::kXdev), 75);
  EXPECT_EQ(std::to_underlying(Errno::kNotcapable), 76);
}

}  // namespace
}  // namespace mimobox::wasi
