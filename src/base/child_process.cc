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
#include <climits>
#include <csignal>
#include <utility>

#include "base/interrupted.h"

namespace mimobox::base {
namespace {

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
  void connect(int ours, int theirs) { ::posix_spawn_file_actions_adddup2(&actions_, ours, theirs); }
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
  static_cast<void>(reap());
}

ChildProcess::Ended ChildProcess::wait(std::chrono::steady_clock::time_point deadline,
                                       const std::stop_token& stop) {
  const UniqueFd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::stop_callback on_stop(stop, [&stopped] { ::eventfd_write(stopped.get(), 1); });
  std::array<pollfd, 2> watched{pollfd{.fd = alive_.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = stopped.get(), .events = POLLIN, .revents = 0}};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    const auto milliseconds = std::clamp<std::int64_t>(left.count(), 0, INT_MAX);
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(milliseconds));
    if (ready > 0 && watched[0].revents != 0) return reap();
    const bool over = ready == 0 && milliseconds < INT_MAX;
    if (!over && !stop.stop_requested()) continue;
    // It holds the pipe, so it is there and the number is its own.
    ::kill(pid_, SIGKILL);
    static_cast<void>(reap());
    return {.how = stop.stop_requested() ? End::kStopped : End::kTimeout};
  }
}

ChildProcess::Ended ChildProcess::reap() noexcept {
  int status = 0;
  const pid_t pid = std::exchange(pid_, -1);
  if (again_if_interrupted([&] { return ::waitpid(pid, &status, 0); }) != pid) return {};
  if (WIFSIGNALED(status)) return {.how = End::kSignalled, .number = WTERMSIG(status)};
  return {.how = End::kExited, .number = WEXITSTATUS(status)};
}

}  // namespace mimobox::base
