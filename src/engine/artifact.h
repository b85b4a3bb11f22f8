#ifndef MIMOBOX_ENGINE_ARTIFACT_H_
#define MIMOBOX_ENGINE_ARTIFACT_H_

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace mimobox::engine {

/// What `compile()` made of a module, where an engine can map it: native code for this machine.
///
/// It lies at the beginning of a file, which nobody changes any more; bytes of the host's memory
/// stand in for one where the host gives none.
class Artifact {
 public:
  [[nodiscard]] static Artifact in_file(base::UniqueFd file) { return Artifact(std::move(file)); }
  /// Puts the bytes into a file without a name, which is sealed.
  [[nodiscard]] static Artifact in_memory(std::vector<std::byte> bytes);

  /// The same artifact once more; nullopt when the host has no descriptor left.
  [[nodiscard]] std::optional<Artifact> duplicate() const;

  /// Not valid when there is no file.
  [[nodiscard]] const base::UniqueFd& file() const { return file_; }
  [[nodiscard]] base::UniqueFd release_file() { return std::move(file_); }
  /// Empty when there is a file.
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  explicit Artifact(base::UniqueFd file) : file_(std::move(file)) {}
  base::UniqueFd file_;
  std::vector<std::byte> bytes_;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_ARTIFACT_H_
