#include "wasi/pseudo_filesystem.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace mimobox::wasi {
namespace {

// Those that <linux/magic.h> does not name are defined inside the kernel.
constexpr std::uint32_t kMqueue = 0x19800202;
constexpr std::uint32_t kConfigfs = 0x62656570;
constexpr std::uint32_t kFusectl = 0x65735543;
constexpr std::uint32_t kRpcPipefs = 0x67596969;
constexpr std::uint32_t kNfsd = 0x6e667364;
constexpr std::uint32_t kPidfs = 0x50494446;
constexpr std::uint32_t kHugetlbfs = 0x958458f6;
constexpr std::uint32_t kOpenprom = 0x9fa1;

constexpr auto kPseudo = std::to_array<std::uint32_t>({
    PROC_SUPER_MAGIC,
    SYSFS_MAGIC,
    CGROUP_SUPER_MAGIC,
    CGROUP2_SUPER_MAGIC,
    DEBUGFS_MAGIC,
    TRACEFS_MAGIC,
    SECURITYFS_MAGIC,
    SELINUX_MAGIC,
    SMACK_MAGIC,
    AAFS_MAGIC,
    DEVPTS_SUPER_MAGIC,
    BPF_FS_MAGIC,
    BINFMTFS_MAGIC,
    PSTOREFS_MAGIC,
    EFIVARFS_MAGIC,
    NSFS_MAGIC,
    RDTGROUP_SUPER_MAGIC,
    XENFS_SUPER_MAGIC,
    USBDEVICE_SUPER_MAGIC,
    AUTOFS_SUPER_MAGIC,
    ANON_INODE_FS_MAGIC,
    SOCKFS_MAGIC,
    PIPEFS_MAGIC,
    kMqueue,
    kConfigfs,
    kFusectl,
    kRpcPipefs,
    kNfsd,
    kPidfs,
    kHugetlbfs,
    kOpenprom,
});

}  // namespace

bool is_on_pseudo_filesystem(int fd) {
  struct statfs status{};
  if (::fstatfs(fd, &status) != 0) return true;
  // The kernel's numbers have 32 bits; the field is a signed long, or an int, by architecture.
  return std::ranges::find(kPseudo, static_cast<std::uint32_t>(status.f_type)) != kPseudo.end();
}

}  // namespace mimobox::wasi
