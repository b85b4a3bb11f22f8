// Any bytes as a module: loaded, compiled and run under limits. It ends with an error or a verdict,
// within its limits.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "fuzz/support/canary_tree.h"

namespace {

using mimobox::Runtime;
using mimobox::Verdict;
using mimobox::WasmSandbox;
using mimobox::fuzz::require;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMemory = 16ULL << 20;
constexpr milliseconds kTime{20};
/// Far above what a busy machine delays a deadline.
constexpr seconds kSlack{5};

struct World {
  Runtime runtime = Runtime::create({.compile_timeout = seconds{5}}).value();
  std::unique_ptr<WasmSandbox> sandbox =
      WasmSandbox::create(runtime, {.limits = {.memory_bytes = kMemory,
                                               .wall_time = kTime,
                                               .stdout_bytes = 1000,
                                               .stack_bytes = 256U << 10},
                                    .scratch = {{.guest_path = "/", .bytes = 1U << 20}}})
          .value();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  // What is said about a module never depends on whether it can run.
  static_cast<void>(mimobox::inspect_bytes(std::as_bytes(std::span(data, size))));
  const auto module = world.runtime.load_bytes(std::as_bytes(std::span(data, size)), "fuzz");
  if (!module) {
    require(module.error().code != mimobox::ErrorCode::kInternal, "an internal error of load");
    require(!module.error().message.empty(), "an error without a message");
    return 0;
  }
  const auto result = world.sandbox->execute(*module);
  if (!result) {
    require(result.error().code != mimobox::ErrorCode::kInternal, "an internal error of a run");
    return 0;
  }
  require(result->metrics.wall_time < kTime + kSlack, "the deadline was missed");
  require(result->metrics.peak_memory_bytes <= kMemory, "more memory than its limit");
  require(result->out.data.size() <= 1000, "more output than its limit");
  require(result->exit_code.has_value() == (result->verdict == Verdict::kExited),
          "an exit code without an exit");
  return 0;
}
