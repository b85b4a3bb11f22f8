#ifndef MIMOBOX_RUNTIME_H_
#define MIMOBOX_RUNTIME_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/module.h"

namespace mimobox {

namespace internal {
class RuntimeImpl;
}  // namespace internal

/// Which processors code is compiled for.
enum class CpuFeatures : std::uint8_t {
  kNative,    ///< those that have all that this machine's has
  kBaseline,  ///< all of this architecture
};

/// Owns what a process shares: the engines, the watchdog that ends runs, the use of one signal.
/// Start here: one per process, made by `create()`.
///
/// A cheap handle: copies share the same runtime, modules and sandboxes keep it alive. Every member
/// may be called from many threads at once. Using one that was moved from aborts.
class Runtime {
 public:
  /// Errors: `kInvalidConfig`; `kResourceExhausted` when the host gives no thread or memory.
  [[nodiscard]] static Result<Runtime> create(const RuntimeConfig& config = {});

  /// Reads and validates the module at `path`, in the binary or the text format. The file is read
  /// once; what is compiled later is what was read here, whatever becomes of the file.
  /// Errors: `kModuleNotFound`, `kModuleUnreadable`, `kModuleTooLarge`, `kModuleInvalid`,
  /// `kUnsupportedFeature`, `kUnsupportedImport`.
  [[nodiscard]] Result<Module> load(const std::filesystem::path& path) const;

  /// The same for bytes, which are copied. `name` is for messages and argv[0].
  /// Errors: `kModuleTooLarge`, `kModuleInvalid`, `kUnsupportedFeature`, `kUnsupportedImport`.
  [[nodiscard]] Result<Module> load_bytes(std::span<const std::byte> bytes,
                                          std::string name = "module") const;

  /// Compiles ahead what a sandbox of this configuration will run; otherwise the first run does.
  /// Errors: `kInvalidConfig` (also for a module of another runtime), `kUnsupportedImport`,
  /// `kNoEntryPoint`, `kCompileTimeout`, `kResourceExhausted`.
  [[nodiscard]] Result<void> compile(const Module& module, const SandboxConfig& config) const;

  /// How this runtime stops its guests: `kSignal` or `kEpoch`. What `Interrupt::kAuto` became, and
  /// why it is not `kSignal`, is told to the log sink.
  [[nodiscard]] Interrupt interrupt() const;

  /// Totals over all runs of this runtime as text in the exposition format of Prometheus (version
  /// 0.0.4), for a host to serve; docs/metrics.md lists the names. Runs in flight count when they
  /// have ended. Error: `kResourceExhausted`.
  [[nodiscard]] Result<std::string> metrics_text() const;
  /// The code of a module as bytes for a file (.cwasm) that `load_precompiled()` takes, on this
  /// machine or, compiled for the baseline, on others of its kind. Always compiles. Errors: those
  /// of `compile()`.
  [[nodiscard]] Result<std::vector<std::byte>> precompile(const Module& module,
                                                          const SandboxConfig& config,
                                                          CpuFeatures cpu) const;

  /// A module from such a file, for sandboxes of the configuration that it was compiled for. It is
  /// native code, which does what it wants: its file must come from somebody who is trusted like
  /// this process, and with `RuntimeConfig::cache_key` from somebody who has that key. Its name
  /// ends where that of the file does, without ".cwasm"; `Module::info()` knows nothing. Errors:
  /// `kModuleNotFound`, `kModuleUnreadable`, `kModuleTooLarge`; `kModuleInvalid` when it is damaged
  /// or was compiled by another version or for another processor.
  [[nodiscard]] Result<Module> load_precompiled(const std::filesystem::path& path) const;

  /// For the library itself.
  explicit Runtime(std::shared_ptr<internal::RuntimeImpl> impl);
  [[nodiscard]] const std::shared_ptr<internal::RuntimeImpl>& impl() const;

 private:
  std::shared_ptr<internal::RuntimeImpl> impl_;
};

/// This library's version ("0.1.0").
[[nodiscard]] std::string_view version();

/// The engine's name and version ("wasmtime 48.0.8").
[[nodiscard]] std::string engine_version();

/// What the engine was built with, and the WebAssembly proposals that guests may use.
struct EngineFeatures {
  std::vector<std::string> build;      ///< e.g. "cranelift", "pooling-allocator"
  std::vector<std::string> proposals;  ///< e.g. "simd", "bulk-memory"
};
[[nodiscard]] EngineFeatures engine_features();

}  // namespace mimobox

#endif  // MIMOBOX_RUNTIME_H_
