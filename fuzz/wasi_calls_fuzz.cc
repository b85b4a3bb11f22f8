// Any row of WASI calls with any arguments over any memory. The grants are a host's folder, each
// way of resolving paths and read-only too, and a scratch. Nothing outside them is touched, nothing
// is written outside the memory (the sanitizers see that), every answer is an errno of the
// specification, and the host's descriptors are as before.
#include <fcntl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/host_call.h"
#include "fuzz/support/canary_tree.h"
#include "fuzz/support/choices.h"
#include "tests/unit/wasi/fakes.h"
#include "wasi/host.h"
#include "wasi/host_mount.h"
#include "wasi/scratch_tree.h"

namespace {

using mimobox::base::HostCallOutcome;
using mimobox::base::HostFunction;
using mimobox::base::RawValue;
using mimobox::fuzz::CanaryTree;
using mimobox::fuzz::Choices;
using mimobox::fuzz::require;
using mimobox::wasi::Errno;
namespace wasi = mimobox::wasi;

constexpr std::size_t kMemoryBytes = 65'536;
constexpr int kMaxCalls = 64;
/// Where paths and lists stand in the memory, so that a fuzzer need not find that out.
constexpr std::uint32_t kTextAt = 1'024;
constexpr std::uint32_t kListAt = 2'048;

CanaryTree& tree() {
  static CanaryTree kTree;
  return kTree;
}

std::size_t open_descriptors() {
  const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// Names that lead somewhere, so that paths are more than noise.
constexpr std::array kPaths = {
    "a",    "b",         "a/b",       "link",     "link/x",  "../canary",
    "up",   "up/canary", "up/../b",   "a/../b",   "./a",     "a/",
    "a/.",  "a/..",      "..",        ".",        "//",      "/a",
    "hard", "loop",      "dir",       "dir/a",    "dir/up2", "dir/up2/canary",
    "",     "dir/.",     "dir/../up", "absolute", "new/dir", "../../canary"};

void prepare_grant() {
  const std::string grant = tree().grant();
  tree().clear();
  std::filesystem::create_directory(grant + "/dir");
  std::ofstream(grant + "/a") << "text of a";
  const std::pair<const char*, const char*> links[] = {
      {"link", "dir"}, {"up", ".."}, {"loop", "loop"}, {"dir/up2", "../.."}, {"absolute", "/"}};
  for (const auto& [name, target] : links)
    std::filesystem::create_symlink(target, grant + "/" + name);
}

/// One argument: small, of a place in the memory, near its end, or anything.
std::uint64_t argument(Choices& choices, bool wide) {
  switch (choices.below(8)) {
    case 0:
    case 1:
      return choices.below(8);
    case 2:
      return kTextAt;
    case 3:
      return kListAt;
    case 4:
      return choices.below(256);
    case 5:
      return kMemoryBytes - choices.below(64);
    case 6:
      return choices.number<std::uint16_t>();
    default:
      return wide ? choices.number<std::uint64_t>() : choices.number<std::uint32_t>();
  }
}

struct Guest {
  explicit Guest(Choices& choices) : memory(kMemoryBytes, std::byte{0}) {
    const std::uint32_t way = choices.below(8);
    const wasi::HostMountOptions options{.read_only = (way & 1U) != 0,
                                         .no_xdev = (way & 2U) != 0,
                                         .without_openat2 = (way & 4U) != 0};
    auto opened = wasi::HostMount::open(tree().grant(), "/host", options);
    require(opened.has_value(), "the grant cannot be opened");
    mount.emplace(std::move(*opened));
    scratch = wasi::ScratchTree::create({.bytes = 1U << 20, .files = 100}, clock);
    grants = {&*mount, wasi::ScratchGrant{"/scratch", scratch.get(), false}};
    fake_poller.revents = choices.flag() ? POLLIN : 0;
    host.emplace(wasi::HostConfig{
        .args = args,
        .environ = environ,
        .input = wasi::InputBytes{"input of the guest"},
        .output = {wasi::OutputCapture{}, {.bytes = 10'000}},
        .error = wasi::OutputDiscard{},
        .clock = &clock,
        .random = &random,
        .poller = &fake_poller,
        .stop = &stop,
        .blocking = &blocking,
        .grants = grants,
        .file_limits = {.written_bytes = 1U << 20, .file_bytes = 1U << 20, .created_files = 60},
        .max_descriptors = 40});
  }

  /// One call; false when the guest has ended.
  bool call(Choices& choices) {
    const auto table = wasi::functions();
    const HostFunction& function = table[choices.below(static_cast<std::uint32_t>(table.size()))];
    if (choices.flag()) {
      const std::string path = kPaths[choices.below(kPaths.size())];
      std::ranges::copy(std::as_bytes(std::span(path)), memory.begin() + kTextAt);
    }
    std::array<RawValue, 16> values{};
    const std::size_t colon = function.signature.find(':');
    for (std::size_t i = 0; i < colon; ++i) {
      const bool wide = function.signature[i] == 'I';
      values[i].i64 = static_cast<std::int64_t>(argument(choices, wide));
    }
    const HostCallOutcome outcome = function.call(&*host, memory, values.data());
    if (function.signature.ends_with(":i")) {
      require(static_cast<std::uint32_t>(values[0].i32) <= 76, "an errno that there is not");
    }
    return outcome == HostCallOutcome::kReturn;
  }

  std::vector<std::byte> memory;
  std::vector<std::string> args{"guest", "argument"};
  std::vector<std::string> environ{"NAME=value"};
  wasi::testing::FakeClock clock;
  wasi::testing::FakeRandom random;
  wasi::testing::FakePoller fake_poller{clock};
  wasi::testing::NullBlocking blocking;
  mimobox::base::StopSignal stop;
  std::optional<wasi::HostMount> mount;
  std::unique_ptr<wasi::ScratchTree> scratch;
  std::vector<wasi::Grant> grants;
  std::optional<wasi::Host> host;  // goes before what it borrows
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  prepare_grant();
  const std::size_t descriptors = open_descriptors();
  {
    Guest guest(choices);
    // The first bytes of both places are the fuzzer's own.
    const std::string text = choices.text(choices.below(64));
    std::ranges::copy(std::as_bytes(std::span(text)), guest.memory.begin() + kTextAt);
    const std::string list = choices.text(choices.below(96));
    std::ranges::copy(std::as_bytes(std::span(list)), guest.memory.begin() + kListAt);
    for (int i = 0; i < kMaxCalls && !choices.empty() && guest.call(choices); ++i) {
    }
    require(guest.host->take_output().data.size() <= 10'000, "more output than its limit");
  }
  require(open_descriptors() == descriptors, "descriptors are not as before");
  tree().check();
  return 0;
}
