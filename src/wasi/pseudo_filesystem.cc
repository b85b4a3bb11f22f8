#include "wasi/pseudo_filesystem.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/read_file.h"

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
constexpr std::uint32_t kBinderfs = 0x6c6f6f70;
constexpr std::uint32_t kSecretmem = 0x5345434d;
constexpr std::uint32_t kDmaBuf = 0x444d4142;
constexpr std::uint32_t kDevmem = 0x454d444d;
constexpr std::uint32_t kBdevfs = 0x62646576;
constexpr std::uint32_t kFunctionfs = 0x0a647361;
constexpr std::uint32_t kGadgetfs = 0xaee71ee7;
constexpr std::uint32_t kDlmfs = 0x76a9f425;
constexpr std::uint32_t kSpufs = 0x23c9b64e;
constexpr std::uint32_t kQibfs = 0x00726a77;
constexpr std::uint32_t kIbmasmfs = 0x66726f67;

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
    kBinderfs,
    kSecretmem,
    kDmaBuf,
    kDevmem,
    kBdevfs,
    kFunctionfs,
    kGadgetfs,
    kDlmfs,
    kSpufs,
    kQibfs,
    kIbmasmfs,
});

/// What is read of the table of mounts; a line is seldom longer than 200 bytes.
constexpr std::uint64_t kMaxTableBytes = 64U << 20;

/// One line of the table: "36 35 98:0 /root /mount options optional... - type source options".
dev_t device_if_devtmpfs(std::string_view line) {
  const std::size_t separator = line.find(" - ");
  if (separator == std::string_view::npos) return 0;
  if (!line.substr(separator + 3).starts_with("devtmpfs ")) return 0;
  unsigned major_number = 0;
  unsigned minor_number = 0;
  const std::string text(line);
  if (std::sscanf(text.c_str(), "%*u %*u %u:%u", &major_number, &minor_number) != 2) return 0;
  return ::makedev(major_number, minor_number);
}

}  // namespace

dev_t devtmpfs_in(std::string_view mountinfo) {
  while (!mountinfo.empty()) {
    const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size() - 1);
    if (const dev_t device = device_if_devtmpfs(mountinfo.substr(0, end)); device != 0) {
      return device;
    }
    mountinfo.remove_prefix(end + 1);
  }
  return 0;
}

dev_t devtmpfs_device() {
  if (const auto table = base::read_file("/proc/self/mountinfo", kMaxTableBytes)) {
    return devtmpfs_in({reinterpret_cast<const char*>(table->data()), table->size()});
  }
  struct stat devices{};
  struct stat root{};
  if (::stat("/dev", &devices) != 0 || ::stat("/", &root) != 0) return 0;
  return devices.st_dev == root.st_dev ? 0 : devices.st_dev;
}

bool is_on_pseudo_filesystem(int fd, dev_t devtmpfs) {
  struct stat seen{};
  if (devtmpfs != 0 && (::fstat(fd, &seen) != 0 || seen.st_dev == devtmpfs)) return true;
  struct statfs status{};
  if (::fstatfs(fd, &status) != 0) return true;
  // The kernel's numbers have 32 bits; the field is a signed long, or an int, by architecture.
  return std::ranges::find(kPseudo, static_cast<std::uint32_t>(status.f_type)) != kPseudo.end();
}

}  // namespace mimobox::wasi
