#include "engine/artifact.h"

#include <fcntl.h>

#include "base/memory_file.h"

namespace mimobox::engine {

Artifact Artifact::in_memory(std::vector<std::byte> bytes) {
  Artifact artifact{base::UniqueFd()};
  if (auto file = base::MemoryFile::create(); file && file->append(bytes) && file->seal()) {
    artifact.file_ = file->release();
  } else {
    artifact.bytes_ = std::move(bytes);
  }
  return artifact;
}

std::optional<Artifact> Artifact::duplicate() const {
  Artifact again{base::UniqueFd()};
  again.bytes_ = bytes_;
  if (file_.valid()) {
    again.file_ = base::UniqueFd(::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0));
    if (!again.file_.valid()) return std::nullopt;
  }
  return again;
}

}  // namespace mimobox::engine
