#ifndef MIMOBOX_SANDBOX_GUEST_HOST_H_
#define MIMOBOX_SANDBOX_GUEST_HOST_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/result.h"
#include "mimobox/run_request.h"

#include "engine/interrupter.h"
#include "sandbox/callbacks.h"
#include "sandbox/run_scratches.h"
#include "sandbox/run_sources.h"
#include "wasi/grant.h"
#include "wasi/host.h"
#include "wasi/host_mount.h"

namespace mimobox::internal {

/// The environment as WASI has it: "NAME=value" each, the default one first.
[[nodiscard]] std::vector<std::string> make_environ(const SandboxConfig& config);

/// What a run's host is made of, all borrowed.
struct GuestHostParts {
  const std::string& module_name;
  const RunRequest& request;
  const SandboxConfig& config;
  const Limits& limits;  ///< of this run
  const std::vector<std::string>& variables;
  const std::vector<wasi::HostMount>& mounts;
  const RunScratches& scratches;
  RunSources& sources;
  engine::InterruptibleRun& run;
  Callbacks& callbacks;
};

/// The WASI host of one run, made of what the request and the sandbox say.
class GuestHost {
 public:
  explicit GuestHost(const GuestHostParts& parts);
  GuestHost(const GuestHost&) = delete;
  GuestHost& operator=(const GuestHost&) = delete;

  [[nodiscard]] wasi::Host& wasi() { return host_; }
  [[nodiscard]] OutputStream take_output();
  [[nodiscard]] OutputStream take_error();
  [[nodiscard]] LimitHit limit_hit() const;
  /// By `HostCallKind`.
  [[nodiscard]] std::array<HostCallCount, kHostCallKinds> calls() const;

 private:
  const std::string& program_name_;
  const std::vector<std::string> args_;  ///< with the program's name; none where that is alone
  const std::vector<wasi::Grant> grants_;
  std::optional<CallbackSource> source_;
  std::optional<CallbackSink> output_sink_;
  std::optional<CallbackSink> error_sink_;
  std::optional<CallbackTrace> trace_;
  wasi::Host host_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_GUEST_HOST_H_
