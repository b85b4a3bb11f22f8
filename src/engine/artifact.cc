#include "engine/artifact.h"

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

}  // namespace mimobox::engine
