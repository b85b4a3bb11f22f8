#ifndef MIMOBOX_CACHE_UPKEEP_H_
#define MIMOBOX_CACHE_UPKEEP_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "cache/seal.h"
#include "cache/trust.h"

// What is done to a cache as a whole. Only folders of ours (`is_folder_name()`), files with our
// suffixes in them, records about machines, the note "mimobox-usage" and temporary files by our
// names are looked at and deleted; what else lies in the folder stays.

namespace mimobox::cache {

/// How the names of records about a machine begin, which lie in the cache's own folder
/// (sandbox/interrupt_record.h). 32 digits in hex follow.
inline constexpr std::string_view kMachineRecordPrefix = "interrupt-";

/// Not used for so long, a record is of an engine, a kernel or a processor that is gone.
inline constexpr std::chrono::hours kMachineRecordLife{30 * 24};

/// One compiled module.
struct Entry {
  std::string folder;             ///< of its code key
  std::string name;               ///< its file
  std::string module;             ///< SHA-256 in hex
  std::uint64_t bytes = 0;        ///< on disk
  std::int64_t last_used_ns = 0;  ///< since 1970, exact to a minute
  bool in_use = false;            ///< a process has it mapped
};

/// All compiled modules, the last used first.
[[nodiscard]] std::vector<Entry> list(int cache);

/// Bytes on disk of all that is ours, code and notes.
[[nodiscard]] std::uint64_t disk_bytes(int cache);

struct Pruned {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

/// Deletes what was not used longest until at most `max_bytes` are left, but nothing in use; what
/// dead processes left; and old records about machines.
Pruned prune(int cache, std::uint64_t max_bytes);

/// Prunes when the bound is passed, and then an eighth further, so that not each publication has to
/// count all that is there: between two counts it is known from a note, which each `published`
/// bytes are added to, and which is believed for an hour.
void keep_bound(int cache, std::uint64_t max_bytes, std::uint64_t published, Owner owner,
                const Seal& seal);

/// Deletes everything of ours but records about machines: finding out again takes longer than most
/// compiles. A process that has code mapped keeps it until it ends.
Pruned clear(int cache);

/// An entry that was deleted because of its damage.
struct Damaged {
  Entry entry;
  std::string_view why;
};

struct Verified {
  std::uint64_t good = 0;
  /// Not looked at: of another version of ours.
  std::uint64_t skipped = 0;
  std::vector<Damaged> damaged;
};

/// Reads all code and deletes what does not fit its record.
Verified verify(int cache, Owner owner, const Seal& seal);

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_UPKEEP_H_
