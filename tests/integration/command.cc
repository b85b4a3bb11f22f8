#include "tests/integration/command.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "tests/integration/harness.h"
#include "tests/paths.h"

namespace mimobox::testing {
namespace {

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

// An unnamed file with the text in it, read from its start.
int temporary_file(std::string_view text) {
  const std::string folder = std::filesystem::temp_directory_path().string();
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  check(file >= 0, "temporary file");
  check(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
        "write a temporary file");
  check(::lseek(file, 0, SEEK_SET) == 0, "lseek");
  return file;
}

std::string contents_and_close(int file) {
  std::string contents;
  if (file < 0) return contents;
  std::array<char, 4096> block{};
  off_t offset = 0;
  ssize_t got = 0;
  while ((got = ::pread(file, block.data(), block.size(), offset)) > 0) {
    contents.append(block.data(), static_cast<std::size_t>(got));
    offset += got;
  }
  ::close(file);
  return contents;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

  void connect(int ours, int number) {
    if (ours == kClosed) {
      posix_spawn_file_actions_addclose(&actions_, number);
    } else {
      posix_spawn_file_actions_adddup2(&actions_, ours, number);
    }
  }
  // Opened by the leader of a session that has none, a terminal becomes its controlling one.
  void open_terminal(const std::string& path) {
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, path.c_str(), O_RDWR, 0);
    connect(STDIN_FILENO, STDOUT_FILENO);
    connect(STDIN_FILENO, STDERR_FILENO);
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  Attributes() { posix_spawnattr_init(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }

  void new_session() { posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// For argv and environ; the strings have to stay.
std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words)
    pointers.push_back(word.data());
  return pointers;
}

}  // namespace

Command::Command(const std::vector<std::string>& args, const Streams& streams) {
  const int input = streams.input == kToFile ? temporary_file(streams.text) : -1;
  if (streams.output == kToFile) output_ = temporary_file("");
  if (streams.error == kToFile) error_ = temporary_file("");
  FileActions actions;
  Attributes attributes;
  if (streams.terminal.empty()) {
    actions.connect(input >= 0 ? input : streams.input, STDIN_FILENO);
    actions.connect(output_ >= 0 ? output_ : streams.output, STDOUT_FILENO);
    actions.connect(error_ >= 0 ? error_ : streams.error, STDERR_FILENO);
  } else {
    attributes.new_session();
    actions.open_terminal(streams.terminal);
  }

  std::vector<std::string> words = args;
  words.insert(words.begin(), kCommand);
  std::vector<char*> argv = pointers(words);
  argv.push_back(nullptr);
  std::vector<std::string> added = streams.env;
  std::vector<char*> env = pointers(added);
  for (char** variable = ::environ; *variable != nullptr; ++variable)
    env.push_back(*variable);
  env.push_back(nullptr);
  const int error =
      ::posix_spawn(&pid_, kCommand, actions.get(), attributes.get(), argv.data(), env.data());
  if (input >= 0) ::close(input);
  if (error != 0) throw std::system_error(error, std::generic_category(), kCommand);
}

Command::~Command() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  static_cast<void>(wait());
}

void Command::signal(int number) const {
  check(::kill(pid_, number) == 0, "kill");
}

void Command::wait_until_stopped() const {
  int status = 0;
  check(::waitpid(pid_, &status, WUNTRACED) == pid_ && WIFSTOPPED(status), "wait for a stop");
}

CommandResult Command::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  CommandResult result;
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  result.out = contents_and_close(output_);
  result.err = contents_and_close(error_);
  return result;
}

CommandResult run_command(const std::vector<std::string>& args, const Streams& streams) {
  return Command(args, streams).wait();
}

std::string guest(const char* file) {
  return guest_path(file).string();
}

}  // namespace mimobox::testing
