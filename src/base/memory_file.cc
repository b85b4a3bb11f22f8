#include "base/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "base/write_file.h"

namespace mimobox::base {

std::expected<MemoryFile, int> MemoryFile::create() noexcept {
  const int fd = ::memfd_create("mimobox", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return std::unexpected(errno);
  return MemoryFile(UniqueFd(fd));
}

bool MemoryFile::append(std::span<const std::byte> bytes) noexcept {
  return write_all(fd_.get(), bytes) == 0;
}

bool MemoryFile::seal() noexcept {
  const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  return ::fcntl(fd_.get(), F_ADD_SEALS, seals) == 0;
}

}  // namespace mimobox::base
