#include "sandbox/guest_host.h"

#include <cstdint>
#include <utility>
#include <variant>

namespace mimobox::internal {
namespace {

template <class... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};

std::vector<std::string> make_args(const Module& module, const RunRequest& request) {
  std::vector<std::string> args;
  args.reserve(request.args.size() + 1);
  args.push_back(request.program_name.empty() ? module.name() : request.program_name);
  args.insert(args.end(), request.args.begin(), request.args.end());
  return args;
}

wasi::Input make_input(const Input& input) {
  return std::visit(
      Overload{
          [](const InputNone&) -> wasi::Input { return wasi::InputNone{}; },
          [](const InputBytes& from) -> wasi::Input { return wasi::InputBytes{from.data}; },
          [](const InputDescriptor& from) -> wasi::Input { return wasi::InputFd{from.fd}; },
      },
      input);
}

wasi::Output make_output(const Output& output, std::uint64_t limit_bytes) {
  return std::visit(
      Overload{
          [&](const OutputCapture&) -> wasi::Output { return wasi::OutputCapture{limit_bytes}; },
          [](const OutputDiscard&) -> wasi::Output { return wasi::OutputDiscard{}; },
          [](const OutputDescriptor& to) -> wasi::Output { return wasi::OutputFd{to.fd}; },
      },
      output);
}

CapturedStream to_public(wasi::CapturedOutput captured) {
  return {.data = std::move(captured.data),
          .total_bytes = captured.total_bytes,
          .truncated = captured.truncated};
}

}  // namespace

std::vector<std::string> make_environ(const SandboxConfig& config) {
  std::vector<std::string> variables;
  variables.reserve(config.env.size());
  for (const auto& [name, value] : config.env) variables.push_back(name + "=" + value);
  return variables;
}

GuestHost::GuestHost(const Module& module, const RunRequest& request, const Limits& limits,
                     const std::vector<std::string>& variables, engine::InterruptibleRun& run)
    : args_(make_args(module, request)),
      host_({.args = args_,
             .environ = variables,
             .input = make_input(request.input),
             .output = make_output(request.output, limits.stdout_bytes),
             .error = make_output(request.error, limits.stderr_bytes),
             .clock = &clock_,
             .random = &random_,
             .poller = &poller_,
             .stop = &run.stop_signal(),
             .blocking = &run}) {}

CapturedStream GuestHost::take_output() { return to_public(host_.take_output()); }

CapturedStream GuestHost::take_error() { return to_public(host_.take_error()); }

}  // namespace mimobox::internal
