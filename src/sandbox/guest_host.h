#ifndef MIMOBOX_SANDBOX_GUEST_HOST_H_
#define MIMOBOX_SANDBOX_GUEST_HOST_H_

#include <string>
#include <vector>

#include "engine/interrupter.h"
#include "mimobox/config.h"
#include "mimobox/module.h"
#include "mimobox/result.h"
#include "mimobox/run_request.h"
#include "wasi/clock_source.h"
#include "wasi/host.h"
#include "wasi/poller.h"
#include "wasi/random_source.h"

namespace mimobox::internal {

/// The environment as WASI has it: "NAME=value" each.
[[nodiscard]] std::vector<std::string> make_environ(const SandboxConfig& config);

/// The WASI host of one run, made of what the request and the sandbox say. Everything passed in is
/// borrowed for this object's life.
class GuestHost {
 public:
  GuestHost(const Module& module, const RunRequest& request, const Limits& limits,
            const std::vector<std::string>& variables, engine::InterruptibleRun& run);
  GuestHost(const GuestHost&) = delete;
  GuestHost& operator=(const GuestHost&) = delete;

  [[nodiscard]] wasi::Host& wasi() { return host_; }
  [[nodiscard]] CapturedStream take_output();
  [[nodiscard]] CapturedStream take_error();

 private:
  const std::vector<std::string> args_;
  wasi::SystemClock clock_;
  wasi::SystemRandom random_;
  wasi::SystemPoller poller_;
  wasi::Host host_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_GUEST_HOST_H_
