#include "sandbox/guest_host.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

namespace mimobox::internal {
namespace {

template <class... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};

struct Variable {
  std::string_view name;
  std::string_view value;
};

constexpr std::array kDefaultEnv = {Variable{"HOME", "/tmp"}, Variable{"PATH", "/usr/bin:/bin"},
                                    Variable{"TERM", "dumb"}, Variable{"SANDBOX", "wasm"}};

std::vector<std::string> make_args(const Module& module, const RunRequest& request) {
  std::vector<std::string> args;
  args.reserve(request.args.size() + 1);
  args.push_back(request.program_name.empty() ? module.name() : request.program_name);
  args.insert(args.end(), request.args.begin(), request.args.end());
  return args;
}

wasi::Input make_input(const Input& input, Callbacks& callbacks,
                       std::optional<CallbackSource>& source) {
  return std::visit(
      Overload{
          [](const InputNone&) -> wasi::Input { return wasi::InputNone{}; },
          [](const InputBytes& from) -> wasi::Input { return wasi::InputBytes{from.data}; },
          [](const InputDescriptor& from) -> wasi::Input { return wasi::InputFd{from.fd}; },
          [&](const InputCallback& from) -> wasi::Input {
            return wasi::InputSource{&source.emplace(callbacks, from)};
          },
      },
      input);
}

wasi::Output make_output(const Output& output, std::uint64_t capture_limit_bytes,
                         Callbacks& callbacks, std::optional<CallbackSink>& sink) {
  constexpr std::uint64_t kNoLimit = wasi::OutputRecord::kNoLimit;
  return std::visit(Overload{
                        [&](const OutputCapture&) -> wasi::Output {
                          return {wasi::OutputCapture{}, capture_limit_bytes};
                        },
                        [](const OutputDiscard&) -> wasi::Output { return wasi::OutputDiscard{}; },
                        [&](const OutputDescriptor& to) -> wasi::Output {
                          return {wasi::OutputFd{to.fd}, to.limit_bytes.value_or(kNoLimit)};
                        },
                        [&](const OutputCallback& to) -> wasi::Output {
                          return {wasi::OutputSink{&sink.emplace(callbacks, to)},
                                  to.limit_bytes.value_or(kNoLimit)};
                        },
                    },
                    output);
}

std::uint32_t output_limit_reason(OnOutputLimit on_limit) {
  switch (on_limit) {
    case OnOutputLimit::kKeepHead:
      return 0;
    case OnOutputLimit::kEndRun:
      return std::to_underlying(engine::StopReason::kOutputLimit);
  }
  return 0;
}

wasi::CallTrace* make_trace(const GuestHostParts& parts, std::optional<CallbackTrace>& trace) {
  if (!parts.request.trace) return nullptr;
  return &trace.emplace(parts.callbacks, parts.request.trace);
}

std::vector<wasi::Grant> make_grants(const GuestHostParts& parts) {
  std::vector<wasi::Grant> grants;
  for (const wasi::HostMount& mount : parts.mounts)
    grants.emplace_back(&mount);
  for (std::size_t i = 0; i < parts.scratch_config.size(); ++i) {
    grants.emplace_back(std::in_place_type<wasi::ScratchGrant>, parts.scratch_config[i].guest_path,
                        parts.scratches.trees()[i].get());
  }
  return grants;
}

wasi::HostFileLimits file_limits(const Limits& limits) {
  wasi::HostFileLimits of_host;
  if (limits.written_bytes) of_host.written_bytes = *limits.written_bytes;
  if (limits.file_bytes) of_host.file_bytes = *limits.file_bytes;
  if (limits.created_files) of_host.created_files = *limits.created_files;
  return of_host;
}

OutputStream to_public(wasi::WrittenOutput written) {
  return {.data = std::move(written.data),
          .total_bytes = written.total_bytes,
          .truncated = written.truncated};
}

}  // namespace

std::vector<std::string> make_environ(const SandboxConfig& config) {
  std::vector<std::string> variables;
  for (const Variable& variable : kDefaultEnv) {
    const bool replaced = std::ranges::any_of(
        config.env, [&](const auto& own) { return own.first == variable.name; });
    if (!config.default_env || replaced) continue;
    variables.push_back(std::string(variable.name) + "=" + std::string(variable.value));
  }
  for (const auto& [name, value] : config.env)
    variables.push_back(name + "=" + value);
  return variables;
}

GuestHost::GuestHost(const GuestHostParts& parts)
    : args_(make_args(parts.module, parts.request)),
      grants_(make_grants(parts)),
      host_({.args = args_,
             .environ = parts.variables,
             .input = make_input(parts.request.input, parts.callbacks, source_),
             .output = make_output(parts.request.output, parts.limits.stdout_bytes, parts.callbacks,
                                   output_sink_),
             .error = make_output(parts.request.error, parts.limits.stderr_bytes, parts.callbacks,
                                  error_sink_),
             .clock = &parts.sources.clock(),
             .random = &parts.sources.random(),
             .poller = &parts.sources.poller(),
             .stop = &parts.run.stop_signal(),
             .blocking = &parts.run,
             .output_limit_reason = output_limit_reason(parts.on_output_limit),
             .grants = grants_,
             .file_limits = file_limits(parts.limits),
             .steady_streams = parts.sources.repeatable(),
             .max_descriptors = static_cast<std::uint32_t>(parts.limits.open_descriptors),
             .trace = make_trace(parts, trace_)}) {}

OutputStream GuestHost::take_output() {
  return to_public(host_.take_output());
}

FileLimit GuestHost::file_limit_hit() const {
  switch (host_.file_limit_hit()) {
    case wasi::FileLimit::kNone:
      return FileLimit::kNone;
    case wasi::FileLimit::kWrittenBytes:
      return FileLimit::kWrittenBytes;
    case wasi::FileLimit::kFileBytes:
    case wasi::FileLimit::kScratchFileBytes:
      return FileLimit::kFileBytes;
    case wasi::FileLimit::kCreatedFiles:
      return FileLimit::kCreatedFiles;
    case wasi::FileLimit::kOpenDescriptors:
      return FileLimit::kOpenDescriptors;
    case wasi::FileLimit::kScratchBytes:
      return FileLimit::kScratchBytes;
    case wasi::FileLimit::kScratchFiles:
      return FileLimit::kScratchFiles;
  }
  return FileLimit::kNone;
}

OutputStream GuestHost::take_error() {
  return to_public(host_.take_error());
}

}  // namespace mimobox::internal
