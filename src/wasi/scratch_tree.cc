#include "wasi/scratch_tree.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <iterator>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "wasi/clock_source.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_inode.h"
#include "wasi/scratch_quota.h"

namespace mimobox::wasi {
namespace {

// Two pointers of the list and the allocator's header come on top.
static_assert(sizeof(ScratchInode) + 32 <= kScratchInodePrice);

[[noreturn]] void die(const char* message) {
  (void)std::fputs(message, stderr);
  std::abort();
}

std::uint64_t name_price(std::string_view name) {
  return kScratchNamePrice + name.size();
}

}  // namespace

std::unique_ptr<ScratchTree> ScratchTree::create(const ScratchLimits& limits, Clock& clock,
                                                 std::uint64_t device,
                                                 const base::StopSignal* stop) {
  return std::unique_ptr<ScratchTree>(new ScratchTree(limits, clock, device, stop));
}

ScratchTree::ScratchTree(const ScratchLimits& limits, Clock& clock, std::uint64_t device,
                         const base::StopSignal* stop)
    : clock_(clock), device_(device), quota_(limits, stop), inodes_(fresh_inode()) {
  ScratchInode& top = inodes_.front();
  top.self = inodes_.begin();
  top.links = 2;
  top.body.emplace<ScratchFolder>().parent = &top;
}

ScratchTree::~ScratchTree() {
  for (const ScratchInode& inode : inodes_) {
    if (inode.pins != 0) die("mimobox: a scratch was destroyed before its descriptors\n");
  }
}

Filestat ScratchTree::stat(const ScratchInode& inode) const {
  // What a directory's size is depends on the file system; this is what most say.
  constexpr std::uint64_t kFolderSize = 4096;
  Filestat stat{.device = device_,
                .inode = inode.number,
                .type = inode.type(),
                .links = inode.links,
                .size = kFolderSize,
                .atim = inode.atim,
                .mtim = inode.mtim,
                .ctim = inode.ctim};
  if (const auto* content = std::get_if<ScratchContent>(&inode.body)) stat.size = content->size();
  if (const ScratchTarget* target = inode.target()) stat.size = target->text.size();
  return stat;
}

std::list<ScratchInode> ScratchTree::fresh_inode() {
  std::list<ScratchInode> fresh(1);
  const std::uint64_t time = now();
  ScratchInode& inode = fresh.front();
  inode.number = next_number_;
  inode.atim = inode.mtim = inode.ctim = time;
  ++next_number_;
  return fresh;
}

/// Takes a complete inode, whose price was found to fit, into the tree.
Answer<ScratchInode*> ScratchTree::adopt(std::list<ScratchInode>&& fresh, ScratchInode& directory,
                                         std::string_view name, std::uint64_t price) {
  ScratchInode& inode = fresh.front();
  ScratchFolder& parent = *directory.folder();
  parent.names.add(name, inode);
  inode.self = fresh.begin();
  inodes_.splice(inodes_.end(), fresh);
  quota_.charge(price, 1);
  inode.links = 1;
  if (ScratchFolder* folder = inode.folder()) {
    folder->parent = &directory;
    inode.links = 2;
    ++directory.links;
  }
  note_change(directory);
  return &inode;
}

Answer<ScratchInode*> ScratchTree::make_file(ScratchInode& directory, std::string_view name) {
  if (directory.links == 0) return std::unexpected(Errno::kNoent);
  const std::uint64_t price = kScratchInodePrice + name_price(name);
  if (!quota_.fits(price, 1)) return std::unexpected(Errno::kDquot);
  std::list<ScratchInode> fresh = fresh_inode();
  fresh.front().body.emplace<ScratchContent>(quota_);
  return adopt(std::move(fresh), directory, name, price);
}

Answer<ScratchInode*> ScratchTree::make_folder(ScratchInode& directory, std::string_view name) {
  if (directory.links == 0) return std::unexpected(Errno::kNoent);
  const std::uint64_t price = kScratchInodePrice + name_price(name);
  if (!quota_.fits(price, 1)) return std::unexpected(Errno::kDquot);
  std::list<ScratchInode> fresh = fresh_inode();
  fresh.front().body.emplace<ScratchFolder>();
  return adopt(std::move(fresh), directory, name, price);
}

Answer<ScratchInode*> ScratchTree::make_link(ScratchInode& directory, std::string_view name,
                                             std::string_view target) {
  if (directory.links == 0) return std::unexpected(Errno::kNoent);
  const std::uint64_t price = kScratchInodePrice + name_price(name) + target.size();
  if (!quota_.fits(price, 1)) return std::unexpected(Errno::kDquot);
  std::list<ScratchInode> fresh = fresh_inode();
  fresh.front().body.emplace<ScratchTarget>(std::string(target));
  return adopt(std::move(fresh), directory, name, price);
}

Errno ScratchTree::add_name(ScratchInode& directory, std::string_view name, ScratchInode& inode) {
  if (directory.links == 0) return Errno::kNoent;
  if (!quota_.fits(name_price(name))) return Errno::kDquot;
  directory.folder()->names.add(name, inode);
  quota_.charge(name_price(name));
  ++inode.links;
  inode.ctim = now();
  note_change(directory);
  return Errno::kSuccess;
}

void ScratchTree::remove_name(ScratchInode& directory, std::string_view name) noexcept {
  ScratchNames& names = directory.folder()->names;
  ScratchInode& inode = *names.find(name)->inode;
  quota_.release(name_price(name));
  names.remove(name);
  if (inode.folder() != nullptr) --directory.links;
  note_change(directory);
  drop_link(inode);
}

Errno ScratchTree::move_name(ScratchInode& from, std::string_view name, ScratchInode& to,
                             std::string_view new_name) {
  if (to.links == 0) return Errno::kNoent;
  ScratchInode& inode = *from.folder()->names.find(name)->inode;
  ScratchNames& names = to.folder()->names;
  ScratchNames::Entry* const old = names.find(new_name);
  std::uint64_t price = 0;
  if (old != nullptr) {
    ScratchInode& replaced = *std::exchange(old->inode, &inode);
    if (replaced.folder() != nullptr) --to.links;
    drop_link(replaced);
  } else {
    price = name_price(new_name);
    if (price > name_price(name) && !quota_.fits(price - name_price(name))) return Errno::kDquot;
    names.add(new_name, inode);
  }
  from.folder()->names.remove(name);
  quota_.release(name_price(name));
  quota_.charge(price);
  if (ScratchFolder* folder = inode.folder()) {
    folder->parent = &to;
    --from.links;
    ++to.links;
  }
  inode.ctim = now();
  note_change(from);
  note_change(to);
  return Errno::kSuccess;
}

void ScratchTree::drop_link(ScratchInode& inode) noexcept {
  --inode.links;
  inode.ctim = now();
  if (ScratchFolder* folder = inode.folder()) {
    inode.links = 0;
    folder->parent = nullptr;
  }
  reap(inode);
}

void ScratchTree::unpin(ScratchInode& inode) noexcept {
  --inode.pins;
  reap(inode);
}

void ScratchTree::reap(ScratchInode& inode) noexcept {
  if (inode.links != 0 || inode.pins != 0) return;
  const ScratchTarget* target = inode.target();
  quota_.release(kScratchInodePrice + (target != nullptr ? target->text.size() : 0), 1);
  inodes_.erase(inode.self);
}

void ScratchTree::note_access(ScratchInode& inode) {
  if (inode.atim <= inode.mtim || inode.atim <= inode.ctim) inode.atim = now();
}

void ScratchTree::note_change(ScratchInode& inode) {
  inode.mtim = inode.ctim = now();
}

void ScratchTree::set_times(ScratchInode& inode, const TimesChange& change) {
  const std::uint64_t time = now();
  bool changed = false;
  const auto apply = [&](const TimeChange& one, std::uint64_t& field) {
    switch (one.kind) {
      case TimeChange::Kind::kOmit:
        return;
      case TimeChange::Kind::kNow:
        field = time;
        break;
      case TimeChange::Kind::kValue:
        field = one.nanoseconds;
        break;
    }
    changed = true;
  };
  apply(change.atim, inode.atim);
  apply(change.mtim, inode.mtim);
  if (changed) inode.ctim = time;
}

ScratchPin::ScratchPin(ScratchPin&& other) noexcept
    : tree_(std::exchange(other.tree_, nullptr)), inode_(std::exchange(other.inode_, nullptr)) {}

ScratchPin& ScratchPin::operator=(ScratchPin&& other) noexcept {
  if (this != &other) {
    reset();
    tree_ = std::exchange(other.tree_, nullptr);
    inode_ = std::exchange(other.inode_, nullptr);
  }
  return *this;
}

ScratchTree& ScratchPin::tree() const {
  if (tree_ == nullptr) die("mimobox: use of a moved-from scratch descriptor\n");
  return *tree_;
}

ScratchInode& ScratchPin::inode() const {
  if (inode_ == nullptr) die("mimobox: use of a moved-from scratch descriptor\n");
  return *inode_;
}

void ScratchPin::reset() noexcept {
  if (tree_ != nullptr) tree_->unpin(*inode_);
}

}  // namespace mimobox::wasi
