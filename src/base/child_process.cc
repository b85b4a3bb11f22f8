#include "base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <utility>

#include "base/interrupted.h"

namespace mimobox::base {
namespace {

using std::chrono::nanoseconds;

/// Above the standard descriptors, so that none of the child's three is overwritten too early.
UniqueFd out_of_the_way(int fd) {
  return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 16));
}

class Attributes {
 public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  void connect(int ours, int theirs) {
    ::posix_spawn_file_actions_adddup2(&actions_, ours, theirs);
  }
  void open_null(int theirs) {
    ::posix_spawn_file_actions_addopen(&actions_, theirs, "/dev/null", O_WRONLY, 0);
  }
  /// Not all descriptors of a host are closed by themselves.
  void close_from(int first) { ::posix_spawn_file_actions_addclosefrom_np(&actions_, first); }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

constexpr int kAliveFd = 3;

/// Between two looks at whether a child that said so has ended.
constexpr nanoseconds kFirstLook = std::chrono::microseconds{20};
constexpr nanoseconds kSlowestLook = std::chrono::milliseconds{10};

timespec to_timespec(nanoseconds time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.tv_sec = seconds.count(), .tv_nsec = (time - seconds).count()};
}

}  // namespace

std::expected<ChildProcess, int> ChildProcess::start(const std::string& program,
                                                     const std::vector<std::string>& words,
                                                     int input, int output) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(errno);
  UniqueFd alive(ends[0]);
  const UniqueFd low(ends[1]);
  const UniqueFd held = out_of_the_way(low.get());
  const UniqueFd in = out_of_the_way(input);
  const UniqueFd out = out_of_the_way(output);
  if (!held.valid() || !in.valid() || !out.valid()) return std::unexpected(errno);

  FileActions actions;
  actions.connect(in.get(), STDIN_FILENO);
  actions.connect(out.get(), STDOUT_FILENO);
  actions.open_null(STDERR_FILENO);
  actions.connect(held.get(), kAliveFd);
  actions.close_from(kAliveFd + 1);
  const Attributes attributes;
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const std::string& word : words)
    argv.push_back(const_cast<char*>(word.c_str()));  // posix_spawn writes nothing there
  argv.push_back(nullptr);
  std::array<char*, 1> environment{};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), actions.get(), attributes.get(),
                                  argv.data(), environment.data());
  if (error != 0) return std::unexpected(error);
  return ChildProcess(pid, std::move(alive));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), alive_(std::move(other.alive_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  static_cast<void>(reap(0));
}

ChildProcess::Ended ChildProcess::wait(std::chrono::steady_clock::time_point deadline,
                                       const std::stop_token& stop) {
  const UniqueFd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::stop_callback on_stop(stop, [&stopped] { ::eventfd_write(stopped.get(), 1); });
  std::array<pollfd, 2> watched{pollfd{.fd = stopped.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = alive_.get(), .events = POLLIN, .revents = 0}};
  // The pipe says that it is ending. Or it has closed or written to it, and goes on for all we
  // know: then its number is asked for.
  bool said_so = false;
  nanoseconds pause = kFirstLook;
  while (true) {
    if (said_so) {
      if (const auto ended = reap(WNOHANG)) return *ended;
    }
    const nanoseconds left = deadline - std::chrono::steady_clock::now();
    if (left <= nanoseconds{0} || stop.stop_requested()) break;
    const timespec time = to_timespec(said_so ? std::min(left, pause) : left);
    if (said_so) pause = std::min(pause * 2, kSlowestLook);
    ::ppoll(watched.data(), said_so ? 1 : 2, &time, nullptr);
    said_so = said_so || watched[1].revents != 0;
  }
  // It holds the pipe, or was just found not to be reaped: it is there and the number is its own.
  ::kill(pid_, SIGKILL);
  static_cast<void>(reap(0));
  return {.how = stop.stop_requested() ? End::kStopped : End::kTimeout};
}

std::optional<ChildProcess::Ended> ChildProcess::reap(int flags) noexcept {
  int status = 0;
  const pid_t reaped = again_if_interrupted([&] { return ::waitpid(pid_, &status, flags); });
  if (reaped == 0) return std::nullopt;
  if (std::exchange(pid_, -1) != reaped) return Ended{};
  if (WIFSIGNALED(status)) return Ended{.how = End::kSignalled, .number = WTERMSIG(status)};
  return Ended{.how = End::kExited, .number = WEXITSTATUS(status)};
}

}  // namespace mimobox::base
