#ifndef MIMOBOX_WASI_HOST_H_
#define MIMOBOX_WASI_HOST_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/blocking.h"
#include "base/host_call.h"
#include "base/stop_signal.h"
#include "wasi/call_metrics.h"
#include "wasi/clock_source.h"
#include "wasi/descriptor.h"
#include "wasi/descriptor_table.h"
#include "wasi/errno.h"
#include "wasi/file_limits.h"
#include "wasi/grant.h"
#include "wasi/guest_memory.h"
#include "wasi/host_access.h"
#include "wasi/output_record.h"
#include "wasi/poller.h"
#include "wasi/random_source.h"
#include "wasi/sigpipe.h"
#include "wasi/stream_io.h"
#include "wasi/trace.h"

namespace mimobox::wasi {

struct InputNone {};
struct InputBytes {
  std::string_view data;  ///< borrowed for the host's life
};
struct InputFd {
  int fd = -1;  ///< borrowed for the host's life
};
struct InputSource {
  ByteSource* source = nullptr;  ///< borrowed for the host's life
};
using Input = std::variant<InputNone, InputBytes, InputFd, InputSource>;

struct OutputCapture {};
struct OutputDiscard {};
struct OutputFd {
  int fd = -1;  ///< borrowed for the host's life
};
struct OutputSink {
  ByteSink* sink = nullptr;  ///< borrowed for the host's life
};
using OutputKind = std::variant<OutputDiscard, OutputCapture, OutputFd, OutputSink>;

/// Where an output goes, and how many bytes of it.
struct Output {
  template <class Kind>
    requires std::constructible_from<OutputKind, Kind>
  Output(Kind where, const OutputBound& of = {})  // NOLINT: stands for its kind
      : kind(where), bound(of) {}

  OutputKind kind;
  OutputBound bound;
};

/// What one guest's host is made of. All pointers and spans are borrowed for the host's life, none
/// is null.
struct HostConfig {
  std::span<const std::string> args;
  std::span<const std::string> environ;  ///< "NAME=value" each
  Input input;
  Output output = OutputDiscard{};
  Output error = OutputDiscard{};
  Clock* clock = nullptr;
  Random* random = nullptr;
  Poller* poller = nullptr;
  base::StopSignal* stop = nullptr;
  base::BlockingNotice* blocking = nullptr;
  /// Granted in this order: numbers 3, 4 and so on.
  std::span<const Grant> grants = {};
  /// For all host mounts together; a scratch has limits of its own.
  HostFileLimits file_limits = {};
  /// For the numbers that stand for the host's inodes; none: a key of the run's own that nobody
  /// knows.
  std::optional<InodeKey> inode_key = std::nullopt;
  /// Streams are ready whenever one asks, are no terminals, and a read of the input gives all that
  /// it has room for up to the end: nothing of how bytes come and who waits for them reaches the
  /// guest.
  bool steady_streams = false;
  /// Files of host mounts have the numbers and times of a deterministic run (virtual_files.h), on
  /// `clock`; directories of all grants are listed in the order of their names.
  bool virtual_files = false;
  /// Descriptors open at a time, streams and grants included; beyond: kMfile. Streams and grants
  /// are open in any case.
  std::uint32_t max_descriptors = 256;
  /// Is told of each call; null: nobody is, which costs a branch.
  CallTrace* trace = nullptr;
};

/// The module that guests import the functions from.
inline constexpr std::string_view kModuleName = "wasi_snapshot_preview1";

/// The 46 functions of preview 1, in the specification's order. Their context is a `Host*`.
[[nodiscard]] std::span<const base::HostFunction> functions();

/// The preview 1 host of one guest: one member function per function of the specification, by its
/// name. Pointers of the guest are u32 offsets. Used by one thread, the one that made it.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md
class Host {
 public:
  explicit Host(const HostConfig& config);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host();

  /// What the guest gave to proc_exit, if it did.
  [[nodiscard]] std::optional<std::uint32_t> exit_code() const { return exit_code_; }
  [[nodiscard]] CallTrace* trace() const { return config_.trace; }
  [[nodiscard]] bool stopped() const { return config_.stop->stopped(); }
  [[nodiscard]] const CallMetrics& metrics() const { return metrics_; }
  /// A call was made; of reads and writes the functions say it themselves.
  void count_call(CallKind kind) { ++metrics_.of(kind).calls; }
  /// Which limit ended the run, else which the guest ran into first, those of scratches included.
  [[nodiscard]] LimitHit limit_hit() const { return limit_record_.first(); }
  [[nodiscard]] WrittenOutput take_output();
  [[nodiscard]] WrittenOutput take_error();

  // args.cc, environ.cc
  Errno args_get(GuestMemory memory, std::uint32_t argv, std::uint32_t argv_buf);
  Errno args_sizes_get(GuestMemory memory, std::uint32_t argc, std::uint32_t argv_buf_size);
  Errno environ_get(GuestMemory memory, std::uint32_t environ, std::uint32_t environ_buf);
  Errno environ_sizes_get(GuestMemory memory, std::uint32_t count, std::uint32_t buf_size);

  // clock.cc
  Errno clock_res_get(GuestMemory memory, std::uint32_t id, std::uint32_t resolution);
  Errno clock_time_get(GuestMemory memory, std::uint32_t id, std::uint64_t precision,
                       std::uint32_t time);

  // fd.cc
  Errno fd_close(GuestMemory memory, std::uint32_t fd);
  Errno fd_fdstat_get(GuestMemory memory, std::uint32_t fd, std::uint32_t stat);
  Errno fd_fdstat_set_flags(GuestMemory memory, std::uint32_t fd, std::uint32_t flags);
  Errno fd_fdstat_set_rights(GuestMemory memory, std::uint32_t fd, std::uint64_t base,
                             std::uint64_t inheriting);
  Errno fd_prestat_get(GuestMemory memory, std::uint32_t fd, std::uint32_t prestat);
  Errno fd_prestat_dir_name(GuestMemory memory, std::uint32_t fd, std::uint32_t path,
                            std::uint32_t path_len);
  Errno fd_renumber(GuestMemory memory, std::uint32_t from, std::uint32_t to);

  // fd_file.cc
  Errno fd_advise(GuestMemory memory, std::uint32_t fd, std::uint64_t offset, std::uint64_t len,
                  std::uint32_t advice);
  Errno fd_allocate(GuestMemory memory, std::uint32_t fd, std::uint64_t offset, std::uint64_t len);
  Errno fd_datasync(GuestMemory memory, std::uint32_t fd);
  Errno fd_filestat_set_size(GuestMemory memory, std::uint32_t fd, std::uint64_t size);
  Errno fd_seek(GuestMemory memory, std::uint32_t fd, std::uint64_t offset, std::uint32_t whence,
                std::uint32_t new_offset);
  Errno fd_sync(GuestMemory memory, std::uint32_t fd);
  Errno fd_tell(GuestMemory memory, std::uint32_t fd, std::uint32_t offset);

  // fd_readdir.cc
  Errno fd_readdir(GuestMemory memory, std::uint32_t fd, std::uint32_t buf, std::uint32_t buf_len,
                   std::uint64_t cookie, std::uint32_t used);

  // filestat.cc
  Errno fd_filestat_get(GuestMemory memory, std::uint32_t fd, std::uint32_t stat);
  Errno fd_filestat_set_times(GuestMemory memory, std::uint32_t fd, std::uint64_t atim,
                              std::uint64_t mtim, std::uint32_t flags);
  Errno path_filestat_get(GuestMemory memory, std::uint32_t fd, std::uint32_t flags,
                          std::uint32_t path, std::uint32_t path_len, std::uint32_t stat);
  Errno path_filestat_set_times(GuestMemory memory, std::uint32_t fd, std::uint32_t flags,
                                std::uint32_t path, std::uint32_t path_len, std::uint64_t atim,
                                std::uint64_t mtim, std::uint32_t fst_flags);

  // fd_io.cc
  Errno fd_pread(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs, std::uint32_t iovs_len,
                 std::uint64_t offset, std::uint32_t nread);
  Errno fd_pwrite(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs, std::uint32_t iovs_len,
                  std::uint64_t offset, std::uint32_t nwritten);
  Errno fd_read(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs, std::uint32_t iovs_len,
                std::uint32_t nread);
  Errno fd_write(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs, std::uint32_t iovs_len,
                 std::uint32_t nwritten);

  // path.cc
  Errno path_create_directory(GuestMemory memory, std::uint32_t fd, std::uint32_t path,
                              std::uint32_t path_len);
  Errno path_link(GuestMemory memory, std::uint32_t old_fd, std::uint32_t old_flags,
                  std::uint32_t old_path, std::uint32_t old_path_len, std::uint32_t new_fd,
                  std::uint32_t new_path, std::uint32_t new_path_len);
  Errno path_readlink(GuestMemory memory, std::uint32_t fd, std::uint32_t path,
                      std::uint32_t path_len, std::uint32_t buf, std::uint32_t buf_len,
                      std::uint32_t used);
  Errno path_remove_directory(GuestMemory memory, std::uint32_t fd, std::uint32_t path,
                              std::uint32_t path_len);
  Errno path_rename(GuestMemory memory, std::uint32_t fd, std::uint32_t old_path,
                    std::uint32_t old_path_len, std::uint32_t new_fd, std::uint32_t new_path,
                    std::uint32_t new_path_len);
  Errno path_symlink(GuestMemory memory, std::uint32_t old_path, std::uint32_t old_path_len,
                     std::uint32_t fd, std::uint32_t new_path, std::uint32_t new_path_len);
  Errno path_unlink_file(GuestMemory memory, std::uint32_t fd, std::uint32_t path,
                         std::uint32_t path_len);

  // path_open.cc
  Errno path_open(GuestMemory memory, std::uint32_t fd, std::uint32_t dirflags, std::uint32_t path,
                  std::uint32_t path_len, std::uint32_t oflags, std::uint64_t rights_base,
                  std::uint64_t rights_inheriting, std::uint32_t fdflags, std::uint32_t opened);

  // poll.cc
  Errno poll_oneoff(GuestMemory memory, std::uint32_t in, std::uint32_t out,
                    std::uint32_t nsubscriptions, std::uint32_t nevents);

  // proc.cc; proc_exit does not come back to the guest and has its own outcome in functions.cc
  void proc_exit(std::uint32_t code);
  Errno proc_raise(GuestMemory memory, std::uint32_t signal);
  Errno sched_yield(GuestMemory memory);

  // random.cc
  Errno random_get(GuestMemory memory, std::uint32_t buf, std::uint32_t buf_len);

  // sock.cc
  Errno sock_accept(GuestMemory memory, std::uint32_t fd, std::uint32_t flags,
                    std::uint32_t opened);
  Errno sock_recv(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs, std::uint32_t iovs_len,
                  std::uint32_t ri_flags, std::uint32_t nread, std::uint32_t ro_flags);
  Errno sock_send(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs, std::uint32_t iovs_len,
                  std::uint32_t si_flags, std::uint32_t nwritten);
  Errno sock_shutdown(GuestMemory memory, std::uint32_t fd, std::uint32_t how);

 private:
  /// The open descriptor of this number, else null; valid until another is opened.
  [[nodiscard]] Descriptor* find(std::uint32_t fd) { return descriptors_.find(fd); }
  /// Moves bytes between buffers of the guest and a stream or a file.
  [[nodiscard]] Moved read_into(Resource& resource, std::span<const iovec> buffers);
  [[nodiscard]] Moved write_from(Resource& resource, std::span<const iovec> buffers);

  void grant(const Grant& granted);

  const HostConfig config_;
  SigpipeGuard sigpipe_;
  OutputRecord output_;
  OutputRecord error_;
  LimitRecord limit_record_;
  const IoContext io_;  ///< of the above
  CallMetrics metrics_;
  std::optional<HostAccess> host_access_;  ///< what is open points to it
  DescriptorTable descriptors_;
  std::optional<std::uint32_t> exit_code_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_HOST_H_
