#include "cli/print.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <string_view>

#include <fmt/format.h>

#include "cli/exit_status.h"

namespace mimobox::cli {
namespace {

// Keeps a SIGPIPE of this thread's own writes from being delivered.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;  // NOLINT(misc-include-cleaner): <signal.h> has it
    sigemptyset(&pending);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;
  ~NoSigpipe() {
    const std::timespec at_once{};
    if (raised_ && !was_pending_) {
      while (sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  void note_raised() { raised_ = true; }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
  bool raised_ = false;
};

}  // namespace

bool print(int descriptor, std::string_view text) {
  NoSigpipe scope;
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE) scope.note_raised();
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

int print_result(std::string_view text, int status) {
  if (print(STDOUT_FILENO, text)) return status;
  print_message(fmt::format("cannot write the result: {}", std::strerror(errno)));
  return kStatusOwnFailure;
}

void print_message(std::string_view message) {
  print(STDERR_FILENO, fmt::format("mimobox-wasm: {}\n", message));
}

}  // namespace mimobox::cli
