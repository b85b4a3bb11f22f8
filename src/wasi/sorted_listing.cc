#include "wasi/sorted_listing.h"

#include <algorithm>
#include <cstddef>

namespace mimobox::wasi {
namespace {

/// What an entry takes beside its name, growth of the vector included.
constexpr std::size_t kEntryBytes = 2 * sizeof(SortedListing::Entry);

}  // namespace

void SortedListing::clear() {
  entries_.clear();
  entries_.shrink_to_fit();
  budget_->give_back(bytes_);
  bytes_ = 0;
}

Errno SortedListing::add(std::string_view name, std::uint64_t inode, Filetype type) {
  const std::size_t bytes = kEntryBytes + name.size();
  if (!budget_->take(bytes)) return Errno::kNomem;
  bytes_ += bytes;
  entries_.push_back({std::string(name), inode, type});
  return Errno::kSuccess;
}

void SortedListing::sort() {
  constexpr std::ptrdiff_t kDots = 2;
  if (entries_.size() <= kDots) return;
  std::sort(entries_.begin() + kDots, entries_.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
}

DirectoryEntry SortedListing::entry(std::uint64_t at) const {
  const Entry& entry = entries_[at];
  return {.next = at + 1, .inode = entry.inode, .type = entry.type, .name = entry.name};
}

}  // namespace mimobox::wasi
