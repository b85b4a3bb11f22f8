// The exit status of the command and the line that says why.
#include <signal.h>

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/command.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// One line of ours, that begins as all do.
void expect_one_line(const CommandResult& result) {
  EXPECT_THAT(result.err, StartsWith("mimobox-wasm: "));
  EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
}

// One line of ours, and the calls that led to a trap.
void expect_one_line_and_calls(const CommandResult& result) {
  EXPECT_THAT(result.err, StartsWith("mimobox-wasm: "));
  const std::size_t first = result.err.find('\n');
  ASSERT_NE(first, std::string::npos);
  std::istringstream calls(result.err.substr(first + 1));
  for (std::string line; std::getline(calls, line);) {
    EXPECT_THAT(line, ::testing::AnyOf(StartsWith("  at "), StartsWith("  and "))) << result.err;
  }
}

TEST(CommandStatus, IsTheGuestsOwnUpTo255) {
  for (const char* code : {"0", "1", "42", "255"}) {
    const CommandResult result = run_command({"run", guest("exit_code.wasm"), code});
    EXPECT_EQ(result.status, std::stoi(code));
    EXPECT_EQ(result.err, "");
  }
}

TEST(CommandStatus, IsOneForALargerCode) {
  for (const char* code : {"256", "2147483648", "4294967295"}) {
    const CommandResult result = run_command({"run", guest("exit_code.wasm"), code});
    EXPECT_EQ(result.status, 1);
    expect_one_line(result);
    EXPECT_THAT(result.err, HasSubstr(code));
  }
}

TEST(CommandStatus, Is123ForTheOutputLimitWhereThatEndsTheRun) {
  const std::vector<std::string> limited = {
      "run", "--stdout-limit", "10", "--on-stdout-limit", "end", guest("flood_stdout.wasm")};
  std::vector<std::string> args = limited;
  args.emplace_back("10");
  EXPECT_EQ(run_command(args).status, 0);
  args.back() = "11";
  const CommandResult result = run_command(args);
  EXPECT_EQ(result.status, 123);
  EXPECT_EQ(result.out, "xxxxxxxxxx");
  EXPECT_EQ(result.err,
            "mimobox-wasm: output limit: ended after 10 bytes of stdout (--stdout-limit)\n");
}

TEST(CommandStatus, Is123OutOfFuel) {
  const CommandResult result = run_command({"run", "--fuel", "10000", guest("infinite_loop.wat")});
  EXPECT_EQ(result.status, 123);
  EXPECT_EQ(result.err, "mimobox-wasm: out of fuel: ended after 10000 (--fuel)\n");
}

TEST(CommandStatus, Is124ForTheTimeLimit) {
  const CommandResult result =
      run_command({"run", "--timeout", "200ms", guest("infinite_loop.wat")});
  EXPECT_EQ(result.status, 124);
  EXPECT_EQ(result.err, "mimobox-wasm: time limit: ended after 200 ms (--timeout)\n");
}

TEST(CommandStatus, Is124ForASleeperAndForSilentStdin) {
  const Pipe silent;
  EXPECT_EQ(run_command({"run", "--timeout=100ms", guest("sleep.wasm")}).status, 124);
  EXPECT_EQ(run_command({"run", "--timeout=100ms", guest("read_forever.wasm")},
                        {.input = silent.reader()})
                .status,
            124);
}

TEST(CommandStatus, Is124ForACompileThatTakesTooLong) {
  const TemporaryFolder folder;
  const std::string module = folder.write("large.wat", large_module_text()).string();
  const CommandResult result = run_command({"run", "--compile-timeout", "1ms", module});
  EXPECT_EQ(result.status, 124);
  expect_one_line(result);
  EXPECT_THAT(result.err, HasSubstr("--compile-timeout"));
}

TEST(CommandStatus, Is125ForWrongUse) {
  const std::vector<std::vector<std::string>> wrong = {
      {"run"},
      {"run", "--timeout"},
      {"run", "--timeout", "5", guest("empty.wat")},
      {"run", "--timeout", "0s", guest("empty.wat")},
      {"run", "--timeout", "25h", guest("empty.wat")},
      {"run", "--memory", "64MB", guest("empty.wat")},
      {"run", "--memory", "1", guest("empty.wat")},
      {"run", "--memory", "5G", guest("empty.wat")},
      {"run", "--env", "=b", guest("empty.wat")},
      {"run", "--env", "MIMOBOX_TEST_NOT_SET", guest("empty.wat")},
      {"run", "--stdout-limit", "2G", guest("empty.wat")},
      {"run", "--stderr-limit", "-1", guest("empty.wat")},
      {"run", "--max-stack", "3M", guest("empty.wat")},
      {"run", "--stdout-limit", "1", "--on-stdout-limit", "stop", guest("empty.wat")},
      {"run", "--on-stderr-limit", "end", guest("empty.wat")},
      {"run", "--fuel", "0", guest("empty.wat")},
      {"run", "--program-name", "", guest("empty.wat")},
      {"run", "--stdin", "no/such/file", guest("empty.wat")},
      {"run", "--stdin", "/", guest("empty.wat")},
      {"run", "-q", "-v", guest("empty.wat")},
      {"run", "--timeout", "1s", "--timeout", "2s", guest("empty.wat")},
      {"run", "--verbose=yes", guest("empty.wat")},
      {"doctor", "--no-such-option"},
      {"run", "--compile-timeout", "none", guest("empty.wat")},
      {"run", "--no-such-option", guest("empty.wat")},
      {"no-such-command"},
      {"version", "too", "many"},
  };
  for (const auto& args : wrong) {
    const CommandResult result = run_command(args);
    EXPECT_EQ(result.status, 125) << args.back();
    EXPECT_EQ(result.out, "");
    expect_one_line(result);
  }
}

TEST(CommandStatus, Is126ForWhatIsNoModuleThatCanRun) {
  const TemporaryFolder folder;
  const std::vector<std::string> modules = {folder.write("words", "just words").string(),
                                            folder.path("").string(), guest("no_start.wat"),
                                            guest("unknown_import.wat")};
  for (const std::string& module : modules) {
    const CommandResult result = run_command({"run", module});
    EXPECT_EQ(result.status, 126) << module;
    expect_one_line(result);
  }
}

TEST(CommandStatus, Is127ForNoSuchFile) {
  const CommandResult result = run_command({"run", "no/such/module.wasm"});
  EXPECT_EQ(result.status, 127);
  expect_one_line(result);
  EXPECT_THAT(result.err, HasSubstr("no/such/module.wasm"));
}

TEST(CommandStatus, Is134ForATrap) {
  const CommandResult result = run_command({"run", guest("divide_by_zero.wasm")});
  EXPECT_EQ(result.status, 134);
  expect_one_line_and_calls(result);
  EXPECT_THAT(result.err, StartsWith("mimobox-wasm: trap: "));
}

TEST(CommandStatus, Is134ForAStackOverflow) {
  const CommandResult result = run_command({"run", guest("recursion.wat")});
  EXPECT_EQ(result.status, 134);
  expect_one_line_and_calls(result);
  EXPECT_THAT(result.err,
              StartsWith("mimobox-wasm: stack overflow: the guest's calls used up 1 MiB "
                         "of stack (--max-stack)\n"));
}

TEST(CommandStatus, Is137ForTheMemoryLimit) {
  const CommandResult result = run_command({"run", "--memory", "1M", guest("grow_then_trap.wat")});
  EXPECT_EQ(result.status, 137);
  expect_one_line_and_calls(result);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("memory limit"), HasSubstr("1 MiB"), HasSubstr("--memory")));
}

TEST(CommandStatus, Is137ForAModuleThatStartsAboveTheMemoryLimit) {
  EXPECT_EQ(run_command({"run", "--memory", "16M", guest("big_memory_min.wat")}).status, 0);
  const CommandResult result = run_command({"run", "--memory", "15M", guest("big_memory_min.wat")});
  EXPECT_EQ(result.status, 137);
  expect_one_line(result);
  EXPECT_THAT(result.err, HasSubstr("--memory"));
}

TEST(CommandStatus, Is128AndTheNumberForASignal) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const Pipe output;
    Command command({"run", "--timeout", "none", guest("flood_stdout.wasm")},
                    {.output = output.writer()});
    EXPECT_EQ(output.read_byte(), 'x');  // the guest runs
    command.signal(number);
    const CommandResult result = command.wait();
    EXPECT_EQ(result.status, 128 + number);
    expect_one_line(result);
    EXPECT_THAT(result.err, HasSubstr("cancelled: ended by SIG"));
  }
}

TEST(CommandStatus, Is128AndTheNumberForASignalWhileLoading) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const Pipe module;
    Command command({"run", "-"}, {.input = module.reader()});
    module.write(std::string(kMoreThanAPipeHolds, ' '));  // is over once it reads
    command.signal(number);
    const CommandResult result = command.wait();
    EXPECT_EQ(result.status, 128 + number);
    expect_one_line(result);
    EXPECT_THAT(result.err, HasSubstr("cancelled: ended by SIG"));
  }
}

TEST(CommandStatus, QuietDropsOurLineAndKeepsTheStatus) {
  const std::vector<std::string> trapping = {"run", "--quiet", guest("unreachable.wat")};
  const CommandResult trapped = run_command(trapping);
  EXPECT_EQ(trapped.status, 134);
  EXPECT_EQ(trapped.err, "");
  const CommandResult missing = run_command({"run", "-q", "no/such/module.wasm"});
  EXPECT_EQ(missing.status, 127);
  EXPECT_EQ(missing.err, "");
  const CommandResult by_environment =
      run_command({"run", guest("unreachable.wat")}, {.env = {"MIMOBOX_WASM_QUIET=1"}});
  EXPECT_EQ(by_environment.status, 134);
  EXPECT_EQ(by_environment.err, "");
}

TEST(CommandStatus, QuietStillTellsWrongUse) {
  const CommandResult usage = run_command({"run", "-q", "--timeout", "5", guest("empty.wat")});
  EXPECT_EQ(usage.status, 125);
  expect_one_line(usage);
  const CommandResult setting =
      run_command({"run", "-q", "--stdin", "no/such", guest("empty.wat")});
  EXPECT_EQ(setting.status, 125);
  expect_one_line(setting);
}

TEST(CommandStatus, LinesShowWhatAGuestChoseAsHarmlessText) {
  const CommandResult result = run_command({"run", guest("trap_name.wat")});
  EXPECT_EQ(result.status, 134);
  expect_one_line_and_calls(result);
  EXPECT_EQ(result.err.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace mimobox::testing
