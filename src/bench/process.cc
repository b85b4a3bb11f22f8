#include "bench/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace mimobox::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// How often a waiting benchmark looks whether it is to stop.
constexpr std::chrono::milliseconds kLook{100};

std::unexpected<SandboxError> failed(std::string_view what, int os_errno) {
  return std::unexpected(SandboxError{ErrorCode::kResourceExhausted,
                                      fmt::format("{}: {}", what, std::strerror(os_errno)),
                                      os_errno});
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

  void open(int number, const std::string& path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, number, path.c_str(), flags, 0600);
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }

  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

/// For argv and environ; posix_spawn does not change the texts.
std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words)
    pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// Whether the process ended by itself before the deadline and a stop.
bool ended_in_time(int pidfd, Clock::time_point deadline, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd waited{.fd = pidfd, .events = POLLIN, .revents = 0};
    if (::poll(&waited, 1, static_cast<int>(std::min(left, kLook).count())) > 0) return true;
  }
  return false;
}

}  // namespace

Result<ProcessEnd> run_process(const ProcessSpec& spec, std::chrono::nanoseconds limit,
                               const std::stop_token& stop) {
  FileActions actions;
  actions.open(STDIN_FILENO, spec.input_path, O_RDONLY);
  actions.open(STDOUT_FILENO, spec.output_path, O_WRONLY | O_CREAT | O_TRUNC);
  actions.open(STDERR_FILENO, spec.error_path, O_WRONLY | O_CREAT | O_TRUNC);
  const Attributes attributes;
  const std::vector<char*> argv = pointers(spec.argv);
  const std::vector<char*> environment = pointers(spec.environment);

  const Clock::time_point begun = Clock::now();
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, argv.front(), actions.get(), attributes.get(), argv.data(),
                                  environment.data());
  if (error != 0) return failed(spec.argv.front(), error);
  const base::UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const int why = pidfd.valid() ? 0 : errno;

  ProcessEnd end;
  end.killed = !pidfd.valid() || !ended_in_time(pidfd.get(), begun + limit, stop);
  end.time = Clock::now() - begun;
  if (end.killed) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!pidfd.valid()) return failed("pidfd_open, which Linux has since 5.3", why);
  end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return end;
}

}  // namespace mimobox::bench
