#ifndef MIMOBOX_TESTS_INTEGRATION_COMMAND_H_
#define MIMOBOX_TESTS_INTEGRATION_COMMAND_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace mimobox::testing {

/// Where a command's stream comes from or goes to.
inline constexpr int kToFile = -1;  ///< a temporary file: input is `Streams::text`, output is kept
inline constexpr int kClosed = -2;  ///< the command is started without this descriptor

/// A write of so many bytes to a pipe ends only once its reader has begun to read.
inline constexpr std::size_t kMoreThanAPipeHolds = (64U << 10) + 1;

/// Descriptors for the command's streams, or one of the above.
struct Streams {
  int input = kToFile;
  int output = kToFile;
  int error = kToFile;
  std::string text = {};
  /// A terminal's path: all three streams are it, and it is the command's controlling terminal.
  std::string terminal = {};
  /// NAME=VALUE each, besides the environment of the test.
  std::vector<std::string> env = {};
};

struct CommandResult {
  int status = -1;  ///< exit status; 1000 + the signal's number if one killed it
  std::string out;
  std::string err;
};

/// A started `mimobox-wasm`.
class Command {
 public:
  explicit Command(const std::vector<std::string>& args, const Streams& streams = {});
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  ~Command();

  void signal(int number) const;
  /// Waits until a signal has stopped it, as Ctrl-Z does.
  void wait_until_stopped() const;
  /// Waits for its end; once.
  [[nodiscard]] CommandResult wait();

 private:
  int output_ = -1;
  int error_ = -1;
  pid_t pid_ = -1;
};

/// Starts and waits.
[[nodiscard]] CommandResult run_command(const std::vector<std::string>& args,
                                        const Streams& streams = {});

/// The path of a guest, as an argument.
[[nodiscard]] std::string guest(const char* file);

}  // namespace mimobox::testing

#endif  // MIMOBOX_TESTS_INTEGRATION_COMMAND_H_
