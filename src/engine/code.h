#ifndef MIMOBOX_ENGINE_CODE_H_
#define MIMOBOX_ENGINE_CODE_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "mimobox/error.h"

struct wasmtime_module;
struct wasmtime_instance_pre;

namespace mimobox::engine {

/// A module compiled for one engine and linked with its host functions, ready to be instantiated any
/// number of times on any number of threads.
class Code {
 public:
  /// Compiles `bytes`. Errors: `kModuleInvalid`, `kUnsupportedImport`, `kNoEntryPoint`.
  [[nodiscard]] static Result<std::shared_ptr<const Code>> compile(std::shared_ptr<Engine> engine,
                                                                   std::span<const std::byte> bytes);

  /// Loads what `artifact()` gave for the same bytes on an engine with the same `CodeKey`. The bytes
  /// become native code: they must come from this process. Errors: `kInternal` and as above.
  [[nodiscard]] static Result<std::shared_ptr<const Code>> load_artifact(
      std::shared_ptr<Engine> engine, std::span<const std::byte> artifact);

  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code();

  /// The compiled form, for engines that differ in nothing but their stack size.
  [[nodiscard]] Result<std::vector<std::byte>> artifact() const;

  [[nodiscard]] Engine& engine() const { return *engine_; }
  [[nodiscard]] const wasmtime_instance_pre* pre_instance() const { return pre_; }

 private:
  Code(std::shared_ptr<Engine> engine, wasmtime_module* module)
      : engine_(std::move(engine)), module_(module) {}
  [[nodiscard]] Result<void> link();

  std::shared_ptr<Engine> engine_;
  wasmtime_module* module_;
  wasmtime_instance_pre* pre_ = nullptr;
};

/// The name of the function where a guest begins.
inline constexpr std::string_view kEntryPoint = "_start";

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_CODE_H_
