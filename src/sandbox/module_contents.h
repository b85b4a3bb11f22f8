#ifndef MIMOBOX_SANDBOX_MODULE_CONTENTS_H_
#define MIMOBOX_SANDBOX_MODULE_CONTENTS_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mimobox/error.h"
#include "mimobox/module_info.h"
#include "mimobox/result.h"

#include "base/sha256.h"
#include "base/unique_fd.h"
#include "engine/code.h"
#include "engine/engine_key.h"

namespace mimobox::internal {

class CompileJob;
class RuntimeImpl;

/// Code that is ready to run.
struct ReadyCode {
  /// Lives as long as the contents that it was asked of. Null when the caller's stop was requested
  /// first.
  const engine::Code* code = nullptr;
  /// How long the caller waited for it; 0 when it was there.
  std::chrono::nanoseconds waited{0};
  CodeSource source = CodeSource::kMemory;
};

/// One module by its content, whatever files it came from: its bytes, or where they are, and the
/// code made of them so far. Shared by all handles of a runtime and by its memory level.
class ModuleContents {
 public:
  using Bytes = std::shared_ptr<const std::vector<std::byte>>;

  /// Bytes that were checked. `file`, if valid, is where they were read from.
  ModuleContents(Bytes bytes, const base::Sha256& digest, base::UniqueFd file);
  /// A file that was read and checked at another time, of `size_bytes` as binary.
  ModuleContents(base::UniqueFd file, const base::Sha256& digest, std::uint64_t size_bytes);
  /// Code without its module, compiled ahead.
  ModuleContents(const base::Sha256& digest, std::uint64_t size_bytes, const engine::EngineKey& key,
                 std::shared_ptr<const engine::Code> code);

  [[nodiscard]] const base::Sha256& digest() const { return digest_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] std::size_t compile_count() const { return compile_count_; }
  /// Nothing but zeros when the bytes cannot be had any more.
  [[nodiscard]] const ModuleInfo& info(RuntimeImpl& runtime);

  /// The binary, read again from its file where it is not held. Error `kModuleUnreadable`, also
  /// when the file is not what it was.
  [[nodiscard]] Result<Bytes> bytes(RuntimeImpl& runtime);

  /// The code for this engine if it is in memory, else null. Takes no lock and counts no use, so
  /// that threads which run the same module share no cache line that is written.
  [[nodiscard]] const engine::Code* find_code(const engine::EngineKey& key) const;

  /// The code for this engine: from memory, from the disk cache, or compiled. Callers that ask for
  /// the same code at the same time wait for one compile, each no longer than the compile timeout.
  [[nodiscard]] Result<ReadyCode> code(const std::shared_ptr<RuntimeImpl>& runtime,
                                       const engine::EngineKey& key, const std::stop_token& stop);

 private:
  using CodePtr = std::shared_ptr<const engine::Code>;
  /// Never dropped before these contents.
  struct KnownCode {
    const engine::EngineKey key;
    const CodePtr code;
    const KnownCode* const next;  ///< that was known before it
  };

  /// Under the lock, of a key that has none; returns it.
  const engine::Code* keep_code(const engine::EngineKey& key, CodePtr code);
  [[nodiscard]] Result<const engine::Code*> find_or_adapt(RuntimeImpl& runtime,
                                                          const engine::EngineKey& key);
  [[nodiscard]] Result<const engine::Code*> find_on_disk(RuntimeImpl& runtime,
                                                         const engine::EngineKey& key);
  [[nodiscard]] Result<std::shared_ptr<CompileJob>> join_or_start_job(
      const std::shared_ptr<RuntimeImpl>& runtime, const engine::EngineKey& key);
  [[nodiscard]] Result<ReadyCode> compile(const std::shared_ptr<RuntimeImpl>& runtime,
                                          const engine::EngineKey& key,
                                          const std::stop_token& stop);
  /// Keeps the code unless there is some already, and returns what is kept.
  const engine::Code* add_code(RuntimeImpl& runtime, const engine::EngineKey& key, CodePtr code,
                               std::uint64_t code_bytes);

  const base::Sha256 digest_;
  const std::uint64_t size_bytes_;
  const base::UniqueFd file_;
  std::once_flag info_made_;
  ModuleInfo info_;
  std::atomic<std::size_t> compile_count_{0};
  std::mutex mutex_;
  Bytes bytes_;  ///< null when `file_` has to be read again
  std::uint64_t code_bytes_ = 0;
  std::list<KnownCode> codes_;
  std::atomic<const KnownCode*> newest_code_{
      nullptr};  ///< the list as those read it who hold no lock
  std::map<engine::CodeKey, std::shared_ptr<CompileJob>> jobs_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_MODULE_CONTENTS_H_
