// How long whole processes take, one after the other in turn:
//
//   start_bench 400 /bin/true --- mimobox-wasm run printf.wasm
//
// From posix_spawn to the end of the process, with /dev/null as input and output. Every process has
// to exit with status 0. The page cache holds the files of all by then; the ratios are to the first
// one.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

struct Command {
  std::vector<char*> words;  ///< as posix_spawn wants them
  std::vector<double> times = {};
};

std::vector<Command> commands(int argc, char** argv) {
  std::vector<Command> all(1);
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]) == "---") {
      all.emplace_back();
    } else {
      all.back().words.push_back(argv[i]);
    }
  }
  for (Command& command : all)
    command.words.push_back(nullptr);
  return all;
}

bool run(Command& command, const posix_spawn_file_actions_t& streams) {
  const Clock::time_point begun = Clock::now();
  pid_t process = 0;
  int status = 0;
  if (posix_spawnp(&process, command.words[0], &streams, nullptr, command.words.data(), environ) !=
          0 ||
      waitpid(process, &status, 0) != process || status != 0) {
    return false;
  }
  command.times.push_back(Microseconds(Clock::now() - begun).count());
  return true;
}

double quantile(const std::vector<double>& sorted, double part) {
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 2 ? std::atoi(argv[1]) : 0;
  std::vector<Command> all = commands(argc, argv);
  if (rounds <= 0 ||
      std::ranges::any_of(all, [](const Command& c) { return c.words.size() < 2; })) {
    std::fputs("usage: start_bench ROUNDS COMMAND [WORDS...] [--- COMMAND [WORDS...]]...\n",
               stderr);
    return 1;
  }
  posix_spawn_file_actions_t streams;
  posix_spawn_file_actions_init(&streams);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO})
    posix_spawn_file_actions_addopen(&streams, descriptor, "/dev/null", O_RDWR, 0);
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      Command& command = all[(i + static_cast<std::size_t>(round)) % all.size()];
      if (run(command, streams)) continue;
      std::fprintf(stderr, "%s: did not run, or not with status 0\n", command.words[0]);
      return 1;
    }
  }
  std::puts("| command | least, us | P25 | P50 | P50, times the first |\n|---|---|---|---|---|");
  for (Command& command : all) {
    std::ranges::sort(command.times);
    std::ranges::sort(all.front().times);
    std::printf("| %s | %.0f | %.0f | %.0f | %.2f |\n", command.words[0], command.times.front(),
                quantile(command.times, 0.25), quantile(command.times, 0.5),
                quantile(command.times, 0.5) / quantile(all.front().times, 0.5));
  }
  return 0;
}
