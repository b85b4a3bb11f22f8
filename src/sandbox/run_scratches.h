#ifndef MIMOBOX_SANDBOX_RUN_SCRATCHES_H_
#define MIMOBOX_SANDBOX_RUN_SCRATCHES_H_

#include <memory>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/mount.h"

#include "base/stop_signal.h"
#include "wasi/clock_source.h"
#include "wasi/scratch_tree.h"

namespace mimobox::internal {

/// The scratches of one run: made empty, filled with what the embedder gives, and told at the end.
class RunScratches {
 public:
  /// `config` is borrowed for this object's life.
  explicit RunScratches(const std::vector<Scratch>& config) : config_(config) {}
  RunScratches(const RunScratches&) = delete;
  RunScratches& operator=(const RunScratches&) = delete;

  /// Makes the trees; clock and stop are borrowed for this object's life. Error `kInvalidConfig`
  /// names the scratch or the path that is wrong.
  [[nodiscard]] Result<void> make(const std::vector<ScratchInput>& inputs, wasi::Clock& clock,
                                  const base::StopSignal& stop);

  /// In the order of the configuration.
  [[nodiscard]] const std::vector<std::unique_ptr<wasi::ScratchTree>>& trees() const {
    return trees_;
  }
  /// What the trees hold now.
  [[nodiscard]] std::vector<ScratchOutput> contents() const;

 private:
  [[nodiscard]] Result<void> fill(const ScratchInput& input);

  const std::vector<Scratch>& config_;
  std::vector<std::unique_ptr<wasi::ScratchTree>> trees_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_RUN_SCRATCHES_H_
