// Runs guests for a long time and looks whether the process grows: `soak --runs N --minutes M`.
//
// First N short runs, then M minutes of mixed ones (all kinds of endings, files, limits, cancelled
// ones), on all processors. Sizes are taken once things have settled, after a tenth of each part,
// and at its end; exit status 1 when the end is larger than the allowance, or when a run ended as
// none should.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "tests/paths.h"
#include "tests/process_size.h"

namespace mimobox::soak {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Allocators keep some memory, and map arenas for threads; a leak of a byte a run would be more.
constexpr std::uint64_t kMoreBytes = 8ULL << 20;
constexpr std::size_t kMoreMappings = 64;

std::atomic<long> wrong{0};

void expect(bool good, const char* what) {
  if (good) return;
  if (wrong.fetch_add(1) < 10) std::fprintf(stderr, "wrong: %s\n", what);
}

struct Guest {
  const char* file;
  std::vector<std::string> args;
  Verdict verdict;
};

const std::vector<Guest> kMixed = {
    {"empty.wat", {}, Verdict::kExited},
    {"hello.wasm", {}, Verdict::kExited},
    {"unreachable.wat", {}, Verdict::kTrapped},
    {"divide_by_zero.wasm", {}, Verdict::kTrapped},
    {"infinite_loop.wat", {}, Verdict::kTimeLimit},
    {"recursion.wat", {}, Verdict::kStackOverflow},
    {"sleep.wasm", {}, Verdict::kTimeLimit},
    {"keep_secret.wat", {"exit"}, Verdict::kExited},
    {"flood_stdout.wasm", {}, Verdict::kOutputLimit},
    {"use_everything.wasm", {"/tmp"}, Verdict::kExited},
};

class Soak {
 public:
  Soak() : runtime_(Runtime::create().value()), threads_(std::thread::hardware_concurrency()) {
    for (const Guest& guest : kMixed)
      modules_.push_back(
          runtime_.load(std::string(testing::kGuestFolder) + "/" + guest.file).value());
    sandbox_ = WasmSandbox::create(
                   runtime_, {.limits = {.wall_time = milliseconds{50}, .stdout_bytes = 100'000},
                              .on_stdout_limit = OnOutputLimit::kEndRun,
                              .scratch = {{.guest_path = "/tmp"}}})
                   .value();
    quick_ = WasmSandbox::create(runtime_).value();
  }

  /// Whether the process stayed as large as it was.
  bool short_runs(long runs) {
    return stays_flat("short runs", [&](bool warming) {
      const long wanted = warming ? runs / 10 : runs - runs / 10;
      std::atomic<long> left{wanted};
      on_all_threads([&](unsigned thread) {
        // "empty" and "hello", in turn.
        for (std::size_t i = thread; left.fetch_sub(1) > 0; ++i) {
          const auto result = quick_->execute(modules_[i % 2]);
          expect(result && result->verdict == Verdict::kExited, "a short run");
        }
      });
      return wanted;
    });
  }

  bool mixed_runs(milliseconds time) {
    return stays_flat("mixed runs", [&](bool warming) {
      const auto end = Clock::now() + (warming ? time / 10 : time - time / 10);
      std::atomic<long> done{0};
      on_all_threads([&](unsigned thread) {
        std::mt19937 random(thread);  // NOLINT(cert-msc51-cpp): the same mixture each time
        while (Clock::now() < end) {
          mixed_run(random() % kMixed.size(), random() % 8 == 0);
          done.fetch_add(1);
        }
      });
      return done.load();
    });
  }

 private:
  void mixed_run(std::size_t which, bool cancelled) {
    const Guest& guest = kMixed[which];
    std::stop_source stop;
    if (cancelled) stop.request_stop();
    const auto result =
        sandbox_->execute(modules_[which], {.args = guest.args, .stop = stop.get_token()});
    expect(result.has_value(), "an error of a mixed run");
    if (!result) return;
    // On a busy machine the deadline may come before a guest's own end.
    expect(result->verdict == guest.verdict || result->verdict == Verdict::kTimeLimit ||
               (cancelled && result->verdict == Verdict::kCancelled),
           guest.file);
  }

  template <class Body>
  void on_all_threads(const Body& body) const {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < threads_; ++i)
      threads.emplace_back([&body, i] { body(i); });
  }

  /// Each guest has been run on each thread, so that what a module or a slot of the pool keeps is
  /// there.
  void settle() {
    on_all_threads([&](unsigned /*thread*/) {
      for (std::size_t which = 0; which < kMixed.size(); ++which)
        mixed_run(which, false);
    });
  }

  template <class Part>
  bool stays_flat(const char* name, const Part& part) {
    settle();
    part(true);
    const testing::ProcessSize before = testing::ProcessSize::now();
    const auto begun = Clock::now();
    const long runs = part(false);
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
    const testing::ProcessSize after = testing::ProcessSize::now();
    const bool flat = after.resident_bytes <= before.resident_bytes + kMoreBytes &&
                      after.descriptors <= before.descriptors && after.threads <= before.threads &&
                      after.mappings <= before.mappings + kMoreMappings;
    std::printf(
        "%s: %ld in %.1f s on %u threads; resident %.1f -> %.1f MiB, descriptors %zu -> %zu, "
        "threads %zu -> %zu, mappings %zu -> %zu: %s\n",
        name, runs, static_cast<double>(took.count()) / 1000, threads_,
        static_cast<double>(before.resident_bytes) / (1 << 20),
        static_cast<double>(after.resident_bytes) / (1 << 20), before.descriptors,
        after.descriptors, before.threads, after.threads, before.mappings, after.mappings,
        flat ? "flat" : "GREW");
    return flat;
  }

  Runtime runtime_;
  unsigned threads_;
  std::vector<Module> modules_;
  std::unique_ptr<WasmSandbox> sandbox_;
  std::unique_ptr<WasmSandbox> quick_;
};

}  // namespace
}  // namespace mimobox::soak

int main(int argc, char** argv) {
  long runs = 1'000'000;
  double minutes = 60;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--runs") == 0) {
      runs = std::atol(argv[i + 1]);  // NOLINT(cert-err34-c): 0 is no number of runs either
    } else if (std::strcmp(argv[i], "--minutes") == 0) {
      minutes = std::atof(argv[i + 1]);  // NOLINT(cert-err34-c)
    } else {
      runs = 0;
    }
  }
  if (runs <= 0 || minutes < 0 || argc % 2 == 0) {
    std::fprintf(stderr, "usage: soak [--runs N] [--minutes M]\n");
    return 2;
  }
  mimobox::soak::Soak soak;
  bool flat = soak.short_runs(runs);
  if (minutes > 0) {
    const std::chrono::milliseconds time(static_cast<long>(minutes * 60'000));
    flat = soak.mixed_runs(time) && flat;
  }
  if (mimobox::soak::wrong > 0)
    std::printf("%ld runs ended as none should\n", mimobox::soak::wrong.load());
  return flat && mimobox::soak::wrong == 0 ? 0 : 1;
}
