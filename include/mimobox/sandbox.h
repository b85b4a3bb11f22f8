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

  /// Runs `module` once, in a fresh instance, on the caller's thread, and says how it ended.
  ///
  /// May be called from many threads at once. A guest that ends badly is a `RunResult`; an error means
  /// that nothing ran: `kInvalidConfig` (an argument with a NUL, a bad descriptor), `kModuleInvalid`,
  /// `kUnsupportedImport`, `kNoEntryPoint`, `kMemoryAboveLimit`, `kCompileTimeout`,
  /// `kResourceExhausted`, `kDestroyed`.
  [[nodiscard]] virtual Result<RunResult> execute(const Module& module,
                                                  const RunRequest& request = {}) = 0;

  /// The short form: `command[0]` is the path of a module, the others are its arguments. Loads the
  /// module first; errors as there, and `kEmptyCommand`.
  [[nodiscard]] virtual Result<RunResult> execute(std::span<const std::string> command) = 0;

  /// Cancels the runs in flight, waits until they have ended, and makes every later call an error
  /// (`kDestroyed`). A second call is one too.
  [[nodiscard]] virtual Result<void> destroy() = 0;
};

/// The backend that runs WebAssembly commands (WASI preview 1) in this process.
class WasmSandbox final : public Sandbox {
 public:
  /// Errors: `kInvalidConfig`, `kResourceExhausted`.
  [[nodiscard]] static Result<std::unique_ptr<WasmSandbox>> create(Runtime runtime,
                                                                   SandboxConfig config = {});
  /// As `destroy()`.
  ~WasmSandbox() override;

  [[nodiscard]] Result<RunResult> execute(const Module& module,
                                          const RunRequest& request = {}) override;
  [[nodiscard]] Result<RunResult> execute(std::span<const std::string> command) override;
  [[nodiscard]] Result<void> destroy() override;

 private:
  class Impl;
  explicit WasmSandbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mimobox

#endif  // MIMOBOX_SANDBOX_H_
