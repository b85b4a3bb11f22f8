#include "sandbox/guest_host.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "base/overload.h"

namespace mimobox::internal {
namespace {

struct Variable {
  std::string_view name;
  std::string_view value;
};

constexpr std::array kDefaultEnv = {Variable{"HOME", "/tmp"}, Variable{"PATH", "/usr/bin:/bin"},
                                    Variable{"TERM", "dumb"}, Variable{"SANDBOX", "wasm"}};

std::vector<std::string> make_args(const std::string& program_name, const RunRequest& request) {
  std::vector<std::string> args;
  if (request.args.empty()) return args;
  args.reserve(request.args.size() + 1);
  args.push_back(program_name);
  args.insert(args.end(), request.args.begin(), request.args.end());
  return args;
}

wasi::Input make_input(const Input& input, Callbacks& callbacks,
                       std::optional<CallbackSource>& source) {
  return std::visit(
      base::Overload{
          [](const InputNone&) -> wasi::Input { return wasi::InputNone{}; },
          [](const InputBytes& from) -> wasi::Input { return wasi::InputBytes{from.data}; },
          [](const InputDescriptor& from) -> wasi::Input { return wasi::InputFd{from.fd}; },
          [&](const InputCallback& from) -> wasi::Input {
            return wasi::InputSource{&source.emplace(callbacks, from)};
          },
      },
      input);
}

wasi::OutputBound bound_of(std::uint64_t bytes, OnOutputLimit on_limit) {
  wasi::OutputBound bound{.bytes = bytes};
  switch (on_limit) {
    case OnOutputLimit::kKeepHead:
      break;
    case OnOutputLimit::kKeepHeadAndTail:
      if (bytes != wasi::OutputBound::kNone) bound.tail_bytes = bytes / 2;
      break;
    case OnOutputLimit::kEndRun:
      bound.stop_reason = std::to_underlying(engine::StopReason::kOutputLimit);
      break;
  }
  return bound;
}

wasi::Output make_output(const Output& output, std::uint64_t capture_limit_bytes,
                         OnOutputLimit on_limit, Callbacks& callbacks,
                         std::optional<CallbackSink>& sink) {
  constexpr std::uint64_t kNoLimit = wasi::OutputBound::kNone;
  return std::visit(base::Overload{
                        [&](const OutputCapture&) -> wasi::Output {
                          return {wasi::OutputCapture{}, bound_of(capture_limit_bytes, on_limit)};
                        },
                        [](const OutputDiscard&) -> wasi::Output { return wasi::OutputDiscard{}; },
                        [&](const OutputDescriptor& to) -> wasi::Output {
                          return {wasi::OutputFd{to.fd},
                                  bound_of(to.limit_bytes.value_or(kNoLimit), on_limit)};
                        },
                        [&](const OutputCallback& to) -> wasi::Output {
                          return {wasi::OutputSink{&sink.emplace(callbacks, to)},
                                  bound_of(to.limit_bytes.value_or(kNoLimit), on_limit)};
                        },
                    },
                    output);
}

wasi::CallTrace* make_trace(const GuestHostParts& parts, std::optional<CallbackTrace>& trace) {
  if (!parts.request.trace) return nullptr;
  return &trace.emplace(parts.callbacks, parts.request.trace);
}

std::vector<wasi::Grant> make_grants(const GuestHostParts& parts) {
  std::vector<wasi::Grant> grants;
  for (const wasi::HostMount& mount : parts.mounts)
    grants.emplace_back(&mount);
  for (std::size_t i = 0; i < parts.config.scratch.size(); ++i) {
    grants.emplace_back(std::in_place_type<wasi::ScratchGrant>, parts.config.scratch[i].guest_path,
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
          .tail = std::move(written.tail),
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
    : program_name_(parts.request.program_name.empty() ? parts.module_name
                                                       : parts.request.program_name),
      args_(make_args(program_name_, parts.request)),
      grants_(make_grants(parts)),
      host_({.args = args_.empty() ? std::span(&program_name_, 1) : std::span(args_),
             .environ = parts.variables,
             .input = make_input(parts.request.input, parts.callbacks, source_),
             .output = make_output(parts.request.output, parts.limits.stdout_bytes,
                                   parts.config.on_stdout_limit, parts.callbacks, output_sink_),
             .error = make_output(parts.request.error, parts.limits.stderr_bytes,
                                  parts.config.on_stderr_limit, parts.callbacks, error_sink_),
             .clock = &parts.sources.clock(),
             .random = &parts.sources.random(),
             .poller = &parts.sources.poller(),
             .stop = &parts.run.stop_signal(),
             .blocking = &parts.run,
             .grants = grants_,
             .file_limits = file_limits(parts.limits),
             .steady_streams = parts.sources.repeatable(),
             .virtual_files = parts.sources.repeatable(),
             .max_descriptors = static_cast<std::uint32_t>(parts.limits.open_descriptors),
             .trace = make_trace(parts, trace_)}) {}

OutputStream GuestHost::take_output() {
  return to_public(host_.take_output());
}

LimitHit GuestHost::limit_hit() const {
  switch (host_.limit_hit()) {
    case wasi::LimitHit::kNone:
      return LimitHit::kNone;
    case wasi::LimitHit::kStdoutBytes:
      return LimitHit::kStdoutBytes;
    case wasi::LimitHit::kStderrBytes:
      return LimitHit::kStderrBytes;
    case wasi::LimitHit::kWrittenBytes:
      return LimitHit::kWrittenBytes;
    case wasi::LimitHit::kFileBytes:
    case wasi::LimitHit::kScratchFileBytes:
      return LimitHit::kFileBytes;
    case wasi::LimitHit::kCreatedFiles:
      return LimitHit::kCreatedFiles;
    case wasi::LimitHit::kOpenDescriptors:
      return LimitHit::kOpenDescriptors;
    case wasi::LimitHit::kScratchBytes:
      return LimitHit::kScratchBytes;
    case wasi::LimitHit::kScratchFiles:
      return LimitHit::kScratchFiles;
  }
  return LimitHit::kNone;
}

std::array<HostCallCount, kHostCallKinds> GuestHost::calls() const {
  static_assert(kHostCallKinds == wasi::kCallKinds);
  static_assert(std::to_underlying(HostCallKind::kSocket) ==
                std::to_underlying(wasi::CallKind::kSocket));
  std::array<HostCallCount, kHostCallKinds> counts;
  std::ranges::transform(host_.metrics().by_kind, counts.begin(), [](const wasi::CallCount& count) {
    return HostCallCount{.calls = count.calls, .bytes = count.bytes};
  });
  return counts;
}

OutputStream GuestHost::take_error() {
  return to_public(host_.take_error());
}

}  // namespace mimobox::internal
