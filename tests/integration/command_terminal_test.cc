// The command on a terminal: a guest that talks to a person.
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/command.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

// A pseudo-terminal that does not echo what is typed.
class Terminal {
 public:
  Terminal() {
    std::array<char, 256> path{};
    if (::openpty(&person_, &program_, path.data(), nullptr, nullptr) != 0) {
      throw std::system_error(errno, std::generic_category(), "openpty");
    }
    path_ = path.data();
    // No program that is started may keep the person's end open.
    ::fcntl(person_, F_SETFD, FD_CLOEXEC);
    ::fcntl(program_, F_SETFD, FD_CLOEXEC);
    termios settings = this->settings();
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(program_, TCSANOW, &settings);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    hang_up();
    ::close(program_);
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] termios settings() const {
    termios settings{};
    ::tcgetattr(program_, &settings);
    return settings;
  }
  [[nodiscard]] int flags() const { return ::fcntl(program_, F_GETFL); }
  void type(std::string_view keys) const {
    if (::write(person_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
      throw std::system_error(errno, std::generic_category(), "write to a terminal");
    }
  }
  // What is shown, up to and with `end`; blocks until it is there.
  [[nodiscard]] std::string read_until(std::string_view end) const {
    std::string shown;
    while (!shown.ends_with(end)) {
      char byte = 0;
      if (::read(person_, &byte, 1) != 1) return shown + "(nothing more)";
      shown += byte;
    }
    return shown;
  }
  void hang_up() {
    if (person_ >= 0) ::close(person_);
    person_ = -1;
  }

 private:
  int person_ = -1;
  int program_ = -1;
  std::string path_;
};

constexpr char kCtrlC = 3;
constexpr char kCtrlD = 4;

TEST(CommandTerminal, GuestAnswersLineByLineUntilCtrlD) {
  const Terminal terminal;
  Command command({"run", guest("echo_stdin.wasm")}, {.terminal = terminal.path()});
  terminal.type("one\n");
  EXPECT_EQ(terminal.read_until("\n"), "one\r\n");
  terminal.type("two\n");
  EXPECT_EQ(terminal.read_until("\n"), "two\r\n");
  terminal.type(std::string(1, kCtrlD));
  EXPECT_EQ(command.wait().status, 0);
}

TEST(CommandTerminal, CtrlCEndsAGuestThatWaits) {
  const Terminal terminal;
  Command command({"run", "--timeout", "none", guest("echo_stdin.wasm")},
                  {.terminal = terminal.path()});
  terminal.type("one\n");
  EXPECT_EQ(terminal.read_until("\n"), "one\r\n");  // the guest runs
  terminal.type(std::string(1, kCtrlC));
  EXPECT_EQ(command.wait().status, 130);
  EXPECT_THAT(terminal.read_until("SIGINT\r\n"),
              HasSubstr("mimobox-wasm: cancelled: ended by SIGINT"));
}

TEST(CommandTerminal, GoesOnAfterItWasStopped) {
  const Terminal terminal;
  Command command({"run", guest("echo_stdin.wasm")}, {.terminal = terminal.path()});
  terminal.type("one\n");
  EXPECT_EQ(terminal.read_until("\n"), "one\r\n");
  command.signal(SIGSTOP);  // a Ctrl-Z is for a shell's children only
  command.wait_until_stopped();
  terminal.type("two\n");
  command.signal(SIGCONT);
  EXPECT_EQ(terminal.read_until("\n"), "two\r\n");
  terminal.type(std::string(1, kCtrlD));
  EXPECT_EQ(command.wait().status, 0);
}

TEST(CommandTerminal, HangingUpEndsTheRun) {
  Terminal terminal;
  Command command({"run", "--timeout", "none", guest("infinite_loop.wat")},
                  {.terminal = terminal.path()});
  terminal.hang_up();
  // By us, or by the system where the command was not so far yet.
  EXPECT_THAT(command.wait().status, ::testing::AnyOf(128 + SIGHUP, 1000 + SIGHUP));
}

TEST(CommandTerminal, IsLeftAsItWas) {
  const Terminal terminal;
  const termios before = terminal.settings();
  const int flags = terminal.flags();
  Command command({"run", guest("unreachable.wat")}, {.terminal = terminal.path()});
  EXPECT_EQ(command.wait().status, 134);
  const termios after = terminal.settings();
  EXPECT_EQ(after.c_lflag, before.c_lflag);
  EXPECT_EQ(after.c_iflag, before.c_iflag);
  EXPECT_EQ(after.c_oflag, before.c_oflag);
  EXPECT_EQ(terminal.flags(), flags);
}

// A module that another process compiles, for as long as the test wants.
class CompileElsewhere {
 public:
  CompileElsewhere() {
    // Its lock has the name of its code.
    static_cast<void>(run_command({"compile", guest("hello.wasm")}));
    for (const auto& item :
         std::filesystem::recursive_directory_iterator(std::getenv("MIMOBOX_CACHE_DIR"))) {
      if (item.path().extension() == ".code") lock_ = item.path();
    }
    std::filesystem::remove(lock_);
    lock_.replace_extension(".lock");
    file_ = ::open(lock_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0 || ::flock(file_, LOCK_EX) != 0) {
      throw std::system_error(errno, std::generic_category(), "a lock");
    }
  }
  CompileElsewhere(const CompileElsewhere&) = delete;
  CompileElsewhere& operator=(const CompileElsewhere&) = delete;
  ~CompileElsewhere() { end(); }

  void end() {
    if (file_ < 0) return;
    std::filesystem::remove(lock_);
    ::close(file_);
    file_ = -1;
  }

 private:
  std::filesystem::path lock_;
  int file_ = -1;
};

/// Longer than it takes a command to say that it waits.
constexpr std::chrono::milliseconds kSaid{1000};

TEST(CommandTerminal, SeesThatACompileTakesLongAndNothingOfItAfterwards) {
  const Terminal terminal;
  CompileElsewhere elsewhere;
  Command command({"run", guest("hello.wasm")}, {.terminal = terminal.path()});
  const std::string line = terminal.read_until(" s");
  EXPECT_THAT(line, HasSubstr("another process compiles " + guest("hello.wasm") + " ("));
  EXPECT_TRUE(line.starts_with("\r\x1b[K"));
  elsewhere.end();
  const std::string rest = terminal.read_until("stderr\r\n");
  EXPECT_EQ(command.wait().status, 0);
  // Wiped away, and nothing but the guest's words behind that.
  EXPECT_TRUE(rest.ends_with("\r\x1b[Khello from the guest\r\nand a word on stderr\r\n")) << rest;
}

TEST(CommandTerminal, SeesNoLineOfACompileThatIsQuiet) {
  const Terminal terminal;
  CompileElsewhere elsewhere;
  Command command({"run", "-q", guest("hello.wasm")}, {.terminal = terminal.path()});
  std::this_thread::sleep_for(kSaid);
  elsewhere.end();
  EXPECT_EQ(terminal.read_until("stderr\r\n"), "hello from the guest\r\nand a word on stderr\r\n");
  EXPECT_EQ(command.wait().status, 0);
}

TEST(CommandTerminal, ThatIsNoneGetsNoLineOfACompile) {
  CompileElsewhere elsewhere;
  Command command({"run", guest("hello.wasm")});
  std::this_thread::sleep_for(kSaid);
  elsewhere.end();
  const CommandResult result = command.wait();
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "and a word on stderr\n");
}

TEST(CommandTerminal, SeesHowFarABenchmarkIsAndNothingOfThatAfterwards) {
  const Terminal terminal;
  Command command({"bench", "--no-targets", "-n", "1", "--threads", "1", guest("empty.wat")},
                  {.terminal = terminal.path()});
  EXPECT_EQ(terminal.read_until("creation"), "\r\x1b[K[1/10] engine creation");
  EXPECT_EQ(terminal.read_until("compile"), "\r\x1b[K[2/10] empty.wat: first compile");
  // The last step, wiped away, and the report behind that.
  EXPECT_THAT(terminal.read_until("\r\x1b[Kmimobox-wasm "),
              HasSubstr("\r\x1b[K[10/10] empty.wat: "));
  const std::string report = terminal.read_until("1.00x\r\n");
  EXPECT_EQ(report.find('\x1b'), std::string::npos) << report;
  EXPECT_EQ(command.wait().status, 0);
}

TEST(CommandTerminal, ThatIsNoneGetsNoLineOfABenchmark) {
  const CommandResult result =
      run_command({"bench", "--no-targets", "-n", "1", "--threads", "1", guest("empty.wat")});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
}

TEST(CommandTerminal, ShowsNoControlSequenceThatAGuestChose) {
  const Terminal terminal;
  Command command({"run", guest("trap_name.wat")}, {.terminal = terminal.path()});
  EXPECT_EQ(command.wait().status, 134);
  const std::string shown = terminal.read_until("at _start");
  EXPECT_THAT(shown, HasSubstr("\\x1b[31mred"));
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace mimobox::testing
