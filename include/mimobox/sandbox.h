#ifndef MIMOBOX_SANDBOX_H_
#define MIMOBOX_SANDBOX_H_

#include <memory>
#include <span>
#include <string>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/module.h"
#include "mimobox/result.h"
#include "mimobox/run_request.h"
#include "mimobox/runtime.h"

namespace mimobox {

/// Runs guests under limits. The interface; `WasmSandbox` is the backend of this library.
class Sandbox {
 public:
  Sandbox() = default;
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  virtual ~Sandbox() = default;

  /// Runs `module` once, in a fresh instance, and says how it ended. The guest runs on the caller's
  /// thread, or on one of ours when the caller's stack is too small or a fibre's.
  ///
  /// May be called from many threads at once. A guest that ends badly is a `RunResult`; an error
  /// means that nothing ran: `kInvalidConfig` (an argument with a NUL, a bad descriptor, a looser
  /// limit), `kModuleInvalid`, `kUnsupportedImport`, `kUnsupportedFeature`, `kNoEntryPoint`,
  /// `kMemoryAboveLimit`, `kModuleTooLarge` (tables above the limits), `kCompileTimeout`,
  /// `kResourceExhausted`, `kReentrant`, `kDestroyed`.
  [[nodiscard]] virtual Result<RunResult> execute(const Module& module,
                                                  const RunRequest& request = {}) = 0;

  /// The short form: `command[0]` is the path of a module, the others are its arguments. Loads the
  /// module first; errors as there, and `kEmptyCommand`.
  [[nodiscard]] virtual Result<RunResult> execute(std::span<const std::string> command) = 0;

  /// Cancels the runs in flight, waits until they have ended, and makes every later call an error
  /// (`kDestroyed`). A second call is one too. From inside a callback of one of its runs:
  /// `kReentrant`, and nothing happens.
  [[nodiscard]] virtual Result<void> destroy() = 0;

  /// What the sandbox was made with.
  [[nodiscard]] virtual const SandboxConfig& config() const = 0;
};

/// The backend that runs WebAssembly commands (WASI preview 1) in this process.
class WasmSandbox final : public Sandbox {
 public:
  /// Errors: `kInvalidConfig`, `kResourceExhausted`.
  [[nodiscard]] static Result<std::unique_ptr<WasmSandbox>> create(Runtime runtime,
                                                                   SandboxConfig config = {});
  /// As `destroy()`. From inside a callback of one of its runs it cancels that run and does not
  /// wait.
  ~WasmSandbox() override;

  [[nodiscard]] Result<RunResult> execute(const Module& module,
                                          const RunRequest& request = {}) override;
  [[nodiscard]] Result<RunResult> execute(std::span<const std::string> command) override;
  [[nodiscard]] Result<void> destroy() override;
  [[nodiscard]] const SandboxConfig& config() const override;

 private:
  class Impl;
  explicit WasmSandbox(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace mimobox

#endif  // MIMOBOX_SANDBOX_H_
