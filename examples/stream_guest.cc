// run_request.h: a guest fed and heard through functions, and stopped from another thread.
//
//   stream_guest MODULE     reads lines from standard input as the guest asks for them, shows what
//   it writes at
//                           once, and cancels it after ten seconds

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <iostream>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <thread>

#include "mimobox/run_request.h"
#include "mimobox/sandbox.h"

namespace {

/// Hands out standard input line by line.
class Lines {
 public:
  std::size_t read(std::span<std::byte> buffer) {
    if (at_ == line_.size()) {
      if (!std::getline(std::cin, line_)) return 0;  // the end
      line_ += '\n';
      at_ = 0;
    }
    const std::size_t count = std::min(buffer.size(), line_.size() - at_);
    std::ranges::copy(std::as_bytes(std::span(line_).subspan(at_, count)), buffer.begin());
    at_ += count;
    return count;
  }

 private:
  std::string line_;
  std::size_t at_ = 0;
};

void show(std::span<const std::byte> bytes) {
  std::cout.write(reinterpret_cast<const char*>(bytes.data()),
                  static_cast<std::streamsize>(bytes.size()));
  std::cout.flush();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: stream_guest MODULE\n";
    return 2;
  }
  const auto runtime = mimobox::Runtime::create();
  const auto module = runtime ? runtime->load(argv[1]) : std::unexpected(runtime.error());
  if (!module) {
    std::cerr << module.error().message << '\n';
    return 1;
  }
  const auto sandbox = mimobox::WasmSandbox::create(*runtime);

  std::stop_source stop;
  std::jthread canceller([&](const std::stop_token& done) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any changed;
    if (!changed.wait_for(lock, done, std::chrono::seconds{10}, [] { return false; })) {
      stop.request_stop();  // too late once the run has ended, and then without effect
    }
  });

  Lines lines;
  mimobox::RunRequest request;
  request.input =
      mimobox::InputCallback{[&](std::span<std::byte> buffer) { return lines.read(buffer); }};
  request.output = mimobox::OutputCallback{show};
  request.error = mimobox::OutputDiscard{};
  request.stop = stop.get_token();
  const auto result = (*sandbox)->execute(*module, request);
  if (!result) {
    std::cerr << result.error().message << '\n';
    return 1;
  }
  std::cerr << "verdict: " << mimobox::verdict_name(result->verdict) << ", "
            << result->out.total_bytes << " bytes\n";
  return 0;
}
