#include "sandbox/callbacks.h"

#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

#include "engine/interrupter.h"

namespace mimobox::internal {

namespace {

class ThreadScope {
 public:
  explicit ThreadScope(CallbackThreads& threads) : threads_(threads) {}
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;
  ~ThreadScope() { threads_.leave(); }

 private:
  CallbackThreads& threads_;
};

}  // namespace

bool Callbacks::call(const std::function<void()>& body) noexcept {
  if (failed_) return false;
  if (caller_ == nullptr) {
    call_here(body);
  } else {
    try {
      caller_->run([&] { call_here(body); });
    } catch (const std::exception&) {  // no memory to hand it over
      fail("the callback could not be called");
    }
  }
  return !failed_;
}

void Callbacks::call_here(const std::function<void()>& body) noexcept {
  const auto begun = std::chrono::steady_clock::now();
  {
    const CallbackScope scope(runs_, run_);
    try {
      threads_.enter();
      const ThreadScope in_callback(threads_);
      body();
    } catch (const std::exception& error) {
      fail(error.what());
    } catch (...) {  // whatever an embedder throws, no exception crosses the engine
      fail("an exception that is no std::exception");
    }
  }
  time_ += std::chrono::steady_clock::now() - begun;
}

void Callbacks::fail(const char* text) noexcept {
  failed_ = true;
  stop_.raise(std::to_underlying(engine::StopReason::kCallbackFailed));
  try {
    error_ = text;
  } catch (const std::bad_alloc&) {
    error_.clear();
  }
}

std::optional<std::size_t> CallbackSource::read(std::span<std::byte> buffer) noexcept {
  std::size_t count = 0;
  const auto read = [&] {
    count = input_.read(buffer);
    if (count > buffer.size())
      throw std::length_error("it says it read more than the buffer holds");
  };
  if (!callbacks_.call(read)) return std::nullopt;
  return count;
}

bool CallbackSink::write(std::span<const std::byte> bytes) noexcept {
  return callbacks_.call([&] { output_.write(bytes); });
}

}  // namespace mimobox::internal
