// The helper's side: a process that compiles one module and ends.
#include "mimobox/compile_helper.h"

#include <sys/stat.h>
#include <unistd.h>

#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mimobox/config.h"

#include "base/confine.h"
#include "base/thread.h"
#include "base/write_file.h"
#include "engine/code.h"
#include "engine/engine.h"
#include "sandbox/compiler.h"
#include "sandbox/helper_client.h"
#include "sandbox/helper_protocol.h"

namespace mimobox {
namespace internal {
namespace {

constexpr int kFailed = 1;

Result<std::vector<std::byte>> do_task(const HelperRequest& request, const engine::Engine& engine,
                                       std::span<const std::byte> module) {
  if (request.task == HelperTask::kCompile) return engine::compile(engine, module);
  return engine::text_to_binary({reinterpret_cast<const char*>(module.data()), module.size()});
}

bool reply_with(const HelperReply& reply, std::span<const std::byte> bytes) {
  return base::write_all(STDOUT_FILENO, encode(reply)) == 0 &&
         base::write_all(STDOUT_FILENO, bytes) == 0;
}

bool answer(const HelperRequest& request, std::span<const std::byte> module) {
  const auto engine =
      engine::Engine::create({.code = request.code, .stack_bytes = Limits{}.stack_bytes}, {});
  HelperReply reply;
  Result<std::vector<std::byte>> done;
  if (engine) {
    reply.settings = base::sha256((*engine)->settings());
    done = do_task(request, **engine, module);
  } else {
    done = std::unexpected(engine.error());
  }
  if (done) return reply_with(reply, *done);
  reply.error = done.error().code;
  return reply_with(reply, std::as_bytes(std::span(done.error().message)));
}

int serve() {
  struct stat status{};
  std::vector<std::byte> header(kHelperHeaderBytes);
  if (::fstat(STDIN_FILENO, &status) != 0 || !base::read_exactly(STDIN_FILENO, header, 0)) {
    return kFailed;
  }
  const auto request = decode_request(header);
  if (!request || !base::confine_process({.memory_bytes = request->memory_bytes,
                                          .cpu_seconds = request->cpu_seconds,
                                          .file_bytes = request->reply_bytes,
                                          .parent = static_cast<pid_t>(request->parent)})) {
    return kFailed;
  }
  std::vector<std::byte> module(static_cast<std::size_t>(status.st_size) - header.size());
  if (!base::read_exactly(STDIN_FILENO, module, header.size())) return kFailed;
  bool answered = false;
  auto thread = base::Thread::start([&]() noexcept { answered = answer(*request, module); },
                                    kCompilerStackBytes);
  if (!thread) return kFailed;
  thread->join();
  return answered ? 0 : kFailed;
}

}  // namespace
}  // namespace internal

std::optional<int> serve_as_compile_helper(int argc, const char* const* argv) {
  if (argc != 2 || std::string_view(argv[1]) != internal::kHelperWord) return std::nullopt;
  try {
    return internal::serve();
  } catch (const std::bad_alloc&) {
    return internal::kFailed;
  }
}

}  // namespace mimobox
