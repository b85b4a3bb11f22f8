#ifndef MIMOBOX_ENGINE_CODE_H_
#define MIMOBOX_ENGINE_CODE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mimobox/error.h"
#include "mimobox/result.h"

#include "engine/artifact.h"
#include "engine/code_ranges.h"
#include "engine/engine.h"

struct mimobox_export;
struct wasmtime_module;
struct wasmtime_instance_pre;

namespace mimobox::engine {

/// Where a guest begins.
enum class EntryPoint : std::uint8_t {
  kStart,     ///< `_start`, without parameters and results: a WASI command
  kMain,      ///< `main`, without parameters and results
  kMainCode,  ///< `main`, without parameters; its i32 result is the exit code
};

/// Compiles the bytes of a binary module: a pure function of the engine's `CodeKey` and the bytes.
/// The artifact is native code for this machine. Error: `kModuleInvalid`.
[[nodiscard]] Result<std::vector<std::byte>> compile(const Engine& engine,
                                                     std::span<const std::byte> bytes);

/// Where the bodies of the functions in an artifact of `compile()` lie, to be kept beside it for
/// `Code::load()`: none for engines whose code looks at epochs. Nullopt when that cannot be told,
/// and guests of this artifact could not be interrupted.
[[nodiscard]] std::optional<std::vector<CodeRange>> find_ranges(
    const Engine& engine, std::span<const std::byte> artifact);

/// A module compiled for one engine and linked with its host functions, ready to be instantiated
/// any number of times on any number of threads.
class Code {
 public:
  /// Maps an artifact that was made on an engine with the same `CodeKey`. It becomes native code:
  /// it must come from somebody who is trusted like this process. `ranges` are what `find_ranges()`
  /// said of the artifact; without them they are made. Errors: `kUnsupportedImport`,
  /// `kNoEntryPoint`, `kInternal` when the engine does not take the artifact or the ranges are not
  /// its own.
  [[nodiscard]] static Result<std::shared_ptr<const Code>> load(
      std::shared_ptr<Engine> engine, Artifact artifact,
      std::optional<std::vector<CodeRange>> ranges = std::nullopt);

  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code();

  /// What it was loaded from, for engines with the same `CodeKey`. Error: `kResourceExhausted`.
  [[nodiscard]] Result<Artifact> artifact() const;

  [[nodiscard]] Engine& engine() const { return *engine_; }
  [[nodiscard]] const wasmtime_instance_pre* pre_instance() const { return pre_; }
  [[nodiscard]] EntryPoint entry_point() const { return entry_; }
  /// The functions to be called, in this order; null where the module has none of the kind. They
  /// take nothing, and return an i32 at most.
  [[nodiscard]] const mimobox_export* start_export() const { return start_.get(); }
  [[nodiscard]] const mimobox_export* initialize_export() const { return initialize_.get(); }
  [[nodiscard]] const mimobox_export* entry_export() const { return entry_function_.get(); }
  /// By how many bytes `compile()` moved the module's code section.
  [[nodiscard]] std::int64_t code_moved() const { return code_moved_; }
  /// Where its instances keep the address of their memory; 0 when they have none.
  [[nodiscard]] std::uint32_t memory_offset() const { return memory_offset_; }
  /// Whether host functions may touch the memory: it is exported by the name that WASI asks for.
  [[nodiscard]] bool lends_memory() const { return lends_memory_; }

  /// Whether guests of this code can be stopped in the way of its engine's key. If not, it must not
  /// be run: compile the module for epochs.
  [[nodiscard]] bool interruptible() const;
  /// Where the bodies of its functions lie, for `load()` of its artifact; none when that cannot be
  /// told or is not needed.
  [[nodiscard]] std::span<const CodeRange> ranges() const;
  /// The number of the function body around this instruction. Async-signal-safe.
  [[nodiscard]] std::optional<std::size_t> body_at(std::uintptr_t pc) const noexcept {
    return ranges_ ? ranges_->find(pc - text_) : std::nullopt;
  }
  [[nodiscard]] std::size_t text_bytes() const { return text_bytes_; }
  [[nodiscard]] const wasmtime_module* raw() const { return module_; }
  /// The function around this instruction, by name and index; nullopt when it is in no body.
  [[nodiscard]] std::optional<Frame> frame_at(std::uintptr_t pc) const;
  /// Whether this is an address in the module's compiled code. Async-signal-safe.
  [[nodiscard]] bool in_text(std::uintptr_t pc) const noexcept { return pc - text_ < text_bytes_; }
  /// Whether its guests can ask how much CPU time they used.
  [[nodiscard]] bool tells_cpu_time() const { return tells_cpu_time_; }
  /// Tables of the module's own.
  [[nodiscard]] std::uint32_t table_count() const { return table_count_; }

 private:
  struct ExportDelete {
    void operator()(mimobox_export* exported) const;
  };
  using ExportPtr = std::unique_ptr<mimobox_export, ExportDelete>;

  Code(std::shared_ptr<Engine> engine, wasmtime_module* module, int file)
      : engine_(std::move(engine)), module_(module), file_(file) {}
  [[nodiscard]] Result<void> link();
  [[nodiscard]] Result<void> find_exports();
  [[nodiscard]] ExportPtr find_function(std::string_view name) const;
  [[nodiscard]] Result<void> find_bodies(std::optional<std::vector<CodeRange>> ranges);

  std::shared_ptr<Engine> engine_;
  wasmtime_module* module_;
  const int file_;  ///< what the module is mapped from, and belongs to it; -1 when it was copied
  wasmtime_instance_pre* pre_ = nullptr;
  EntryPoint entry_ = EntryPoint::kStart;
  bool tells_cpu_time_ = false;
  bool lends_memory_ = false;
  ExportPtr start_;
  ExportPtr initialize_;
  ExportPtr entry_function_;
  std::int64_t code_moved_ = 0;
  std::uint32_t memory_offset_ = 0;
  std::uintptr_t text_ = 0;
  std::size_t text_bytes_ = 0;
  std::optional<CodeRanges> ranges_;
  std::uint32_t table_count_ = 0;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_CODE_H_
