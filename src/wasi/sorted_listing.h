#ifndef MIMOBOX_WASI_SORTED_LISTING_H_
#define MIMOBOX_WASI_SORTED_LISTING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wasi/errno.h"
#include "wasi/file_types.h"

namespace mimobox::wasi {

/// The memory that listings of one run may take together.
class ListingBudget {
 public:
  static constexpr std::size_t kMaxBytes = 64U << 20U;

  [[nodiscard]] bool take(std::size_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }
  void give_back(std::size_t bytes) { left_ += bytes; }

 private:
  std::size_t left_ = kMaxBytes;
};

/// A directory as it was when its listing began, in the order of the names' bytes. Cookies are
/// places in it: what is removed meanwhile is still given, and nothing is given twice or left out.
class SortedListing {
 public:
  struct Entry {
    std::string name;
    std::uint64_t inode = 0;
    Filetype type = Filetype::kUnknown;
  };

  /// The budget is borrowed.
  explicit SortedListing(ListingBudget& budget) : budget_(&budget) {}
  SortedListing(const SortedListing&) = delete;
  SortedListing& operator=(const SortedListing&) = delete;
  ~SortedListing() { budget_->give_back(bytes_); }

  /// Forgets all entries.
  void clear();
  /// Adds an entry, in any order. kNomem: above the budget.
  [[nodiscard]] Errno add(std::string_view name, std::uint64_t inode, Filetype type);
  /// Sorts all but "." and "..", which were added first.
  void sort();

  [[nodiscard]] std::vector<Entry>& entries() { return entries_; }

  /// Gives the entries from a cookie on to `sink(const DirectoryEntry&)` until that returns false.
  template <class Sink>
  void give(std::uint64_t cookie, Sink&& sink) const {
    for (std::uint64_t at = cookie; at < entries_.size(); ++at) {
      if (!sink(entry(at))) return;
    }
  }

 private:
  [[nodiscard]] DirectoryEntry entry(std::uint64_t at) const;

  ListingBudget* budget_;
  std::size_t bytes_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SORTED_LISTING_H_
