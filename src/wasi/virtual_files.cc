#include "wasi/virtual_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <expected>

#include "wasi/host_stat.h"

namespace mimobox::wasi {
namespace {

std::uint64_t changed(const TimeChange& change, std::uint64_t old, std::uint64_t now) {
  switch (change.kind) {
    case TimeChange::Kind::kOmit:
      return old;
    case TimeChange::Kind::kNow:
      return now;
    case TimeChange::Kind::kValue:
      return change.nanoseconds;
  }
  return old;
}

}  // namespace

std::shared_ptr<VirtualNode> VirtualFiles::make(const Identity& identity, std::uint64_t time) {
  if (nodes_.size() >= max_nodes_ && !nodes_.contains(identity)) return nullptr;
  auto node = std::make_shared<VirtualNode>(
      VirtualNode{.number = last_number_ + 1, .atim = time, .mtim = time, .ctim = time});
  nodes_[identity] = node;
  ++last_number_;
  return node;
}

std::shared_ptr<VirtualNode> VirtualFiles::find(dev_t device, ino_t inode) {
  const Identity identity{device, inode};
  const auto known = nodes_.find(identity);
  return known != nodes_.end() ? known->second : make(identity, start_);
}

Answer<Filestat> VirtualFiles::filestat(const struct stat& status) {
  // A directory that was removed while it is open: nothing else may get its node.
  if (status.st_nlink == 0) return filestat(status, {.number = ~std::uint64_t{0}});
  const auto node = find(status.st_dev, status.st_ino);
  if (!node) return std::unexpected(Errno::kNomem);
  return filestat(status, *node);
}

Filestat VirtualFiles::filestat(const struct stat& status, const VirtualNode& node) {
  Filestat stat = to_filestat(status, node.number);
  if (stat.type == Filetype::kDirectory) {
    stat.size = 0;
    stat.links = 1;
  }
  stat.atim = node.atim;
  stat.mtim = node.mtim;
  stat.ctim = node.ctim;
  return stat;
}

void VirtualFiles::note_change(VirtualNode& node) {
  node.mtim = node.ctim = clock_.now(ClockId::kRealtime);
}

void VirtualFiles::note_times(VirtualNode& node, const TimesChange& change) {
  const std::uint64_t now = clock_.now(ClockId::kRealtime);
  node.atim = changed(change.atim, node.atim, now);
  node.mtim = changed(change.mtim, node.mtim, now);
  node.ctim = now;
}

void VirtualFiles::note_times(const struct stat& status, const TimesChange& change) {
  if (const auto node = find(status.st_dev, status.st_ino)) note_times(*node, change);
}

void VirtualFiles::note_made(const struct stat& status) {
  static_cast<void>(make({status.st_dev, status.st_ino}, clock_.now(ClockId::kRealtime)));
}

void VirtualFiles::note_made(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) == 0) note_made(status);
}

void VirtualFiles::note_made(int parent, const char* name) {
  struct stat status{};
  if (::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0) note_made(status);
  note_names(parent);
}

void VirtualFiles::note_linked(int parent, const char* name) {
  struct stat status{};
  if (::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
    const auto node = find(status.st_dev, status.st_ino);
    if (node) node->ctim = clock_.now(ClockId::kRealtime);
  }
  note_names(parent);
}

std::optional<VirtualFiles::Identity> VirtualFiles::last_name(int parent, const char* name) {
  struct stat status{};
  if (::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  if (!S_ISDIR(status.st_mode) && status.st_nlink > 1) return std::nullopt;
  return Identity{status.st_dev, status.st_ino};
}

void VirtualFiles::note_removed(int parent, const std::optional<Identity>& file) {
  if (file) nodes_.erase(*file);
  note_names(parent);
}

void VirtualFiles::note_names(int directory) {
  struct stat status{};
  if (::fstat(directory, &status) != 0 || status.st_nlink == 0) return;
  if (const auto node = find(status.st_dev, status.st_ino)) note_change(*node);
}

}  // namespace mimobox::wasi
