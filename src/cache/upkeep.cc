#include "cache/upkeep.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/file_fingerprint.h"
#include "base/file_lock.h"
#include "base/interrupted.h"
#include "cache/bytes.h"
#include "cache/code_store.h"
#include "cache/key.h"
#include "cache/note.h"
#include "cache/temp_file.h"

namespace mimobox::cache {
namespace {

/// As `struct stat` counts blocks.
constexpr std::uint64_t kBlockBytes = 512;

struct CloseDir {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::vector<std::string> names_in(int folder) {
  std::vector<std::string> names;
  const int again = base::openat_again(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseDir> stream(again < 0 ? nullptr : ::fdopendir(again));
  if (!stream) {
    if (again >= 0) ::close(again);
    return names;
  }
  while (const dirent* item = ::readdir(stream.get()))
    names.emplace_back(item->d_name);
  return names;
}

base::UniqueFd open_folder(int cache, const std::string& name) {
  return base::UniqueFd(
      base::openat_again(cache, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// Something that is deleted as a whole: code with its note, or a note about a file.
struct Item {
  std::string folder;
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t last_used_ns = 0;
  bool is_code = false;
};

/// What dead processes left, besides the items.
struct Leftover {
  std::string folder;
  std::string name;
};

/// A file about a machine (kMachineRecordPrefix).
struct MachineRecord {
  std::string name;
  std::int64_t last_used_ns = 0;
};

struct Contents {
  std::vector<std::string> folders;
  std::vector<MachineRecord> records;
  std::vector<Item> items;
  std::vector<Leftover> leftovers;
};

std::string with_suffix(const std::string& name, std::string_view old, std::string_view now) {
  return name.substr(0, name.size() - old.size()).append(now);
}

void scan_folder(const std::string& folder, int fd, Contents& contents) {
  std::map<std::string, Item> notes;  // of code, by the name of the code
  std::vector<Item> code;
  for (std::string& name : names_in(fd)) {
    struct stat status{};
    if (::fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    Item item{.folder = folder,
              .name = name,
              .bytes = static_cast<std::uint64_t>(status.st_blocks) * kBlockBytes,
              .last_used_ns = base::FileFingerprint::of(status).modified_ns};
    if (name.ends_with(kCodeSuffix)) {
      // Under other names there is no code that anybody would find: no module to tell of.
      item.is_code = is_digest(with_suffix(name, kCodeSuffix, ""));
      (item.is_code ? code : contents.items).push_back(std::move(item));
    } else if (name.ends_with(kSeenSuffix)) {
      notes.emplace(with_suffix(name, kSeenSuffix, kCodeSuffix), std::move(item));
    } else if (name.ends_with(kPathSuffix)) {
      contents.items.push_back(std::move(item));
    } else if (name.ends_with(kTempSuffix) || name.ends_with(kLockSuffix)) {
      contents.leftovers.push_back({folder, std::move(name)});
    }
  }
  for (Item& item : code) {
    if (const auto note = notes.find(item.name); note != notes.end()) {
      item.bytes += note->second.bytes;
      item.last_used_ns = note->second.last_used_ns;
      notes.erase(note);
    }
    contents.items.push_back(std::move(item));
  }
  for (auto& [name, note] : notes)  // their code is gone
    contents.items.push_back(std::move(note));
}

bool is_machine_record(std::string_view name) {
  return name.starts_with(kMachineRecordPrefix) &&
         name.size() == kMachineRecordPrefix.size() + 32 &&
         base::is_hex(name.substr(kMachineRecordPrefix.size()));
}

Contents scan(int cache) {
  Contents contents;
  for (std::string& name : names_in(cache)) {
    struct stat status{};
    if (is_machine_record(name) &&
        ::fstatat(cache, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
      contents.records.push_back({std::move(name), base::FileFingerprint::of(status).modified_ns});
      continue;
    }
    if (is_temp_name(name)) {  // of a note that was being written
      contents.leftovers.push_back({".", std::move(name)});
      continue;
    }
    if (!is_folder_name(name)) continue;
    const base::UniqueFd fd = open_folder(cache, name);
    if (!fd.valid()) continue;
    scan_folder(name, fd.get(), contents);
    contents.folders.push_back(std::move(name));
  }
  return contents;
}

bool is_in_use(int folder, const std::string& name) {
  const base::UniqueFd fd(
      base::openat_again(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  return fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

/// Held by who prunes: of two at once each would take what the other just looks at for in use, and
/// delete more in its stead. Nobody waits long for one who was stopped.
base::UniqueFd wait_for_turn(int cache) {
  base::UniqueFd turn = open_folder(cache, ".");
  if (turn.valid()) static_cast<void>(base::lock_file(turn.get(), std::chrono::seconds{1}));
  return turn;
}

/// What became of something that was to be deleted.
enum class Removal : std::uint8_t { kDone, kByAnother, kFailed };

Removal remove_item(int folder, const Item& item) {
  const bool done = ::unlinkat(folder, item.name.c_str(), 0) == 0;
  const bool was_there = done || errno != ENOENT;
  if (item.is_code) {
    ::unlinkat(folder, with_suffix(item.name, kCodeSuffix, kSeenSuffix).c_str(), 0);
  }
  if (done) return Removal::kDone;
  return was_there ? Removal::kFailed : Removal::kByAnother;
}

/// Of times far ahead nothing can be said but that the clock was set back since: what was used then
/// goes first, or what is used now would, as long as the clock is behind.
std::int64_t rank_of(const Item& item, std::int64_t now) {
  constexpr std::int64_t kAheadNs = std::int64_t{24} * 3600 * 1'000'000'000;
  return item.last_used_ns > now && item.last_used_ns - now > kAheadNs ? 0 : item.last_used_ns;
}

void remove_leftovers(int cache, const Contents& contents) {
  for (const Leftover& leftover : contents.leftovers) {
    const base::UniqueFd folder = open_folder(cache, leftover.folder);
    if (folder.valid()) remove_stale(folder.get(), leftover.name);
  }
}

/// Not one that a process holds, which tests the machine just now.
void remove_records(int cache, const Contents& contents, std::int64_t used_before_ns) {
  for (const MachineRecord& record : contents.records) {
    if (record.last_used_ns >= used_before_ns || is_in_use(cache, record.name)) continue;
    ::unlinkat(cache, record.name.c_str(), 0);
  }
}

void remove_empty_folders(int cache, const Contents& contents) {
  for (const std::string& folder : contents.folders)
    ::unlinkat(cache, folder.c_str(), AT_REMOVEDIR);  // one that is not empty stays
}

struct PrunedTo {
  Pruned pruned;
  std::uint64_t left = 0;
};

/// Above `max_bytes` down to `target`. By who has the turn.
PrunedTo prune_in_turn(int cache, std::uint64_t max_bytes, std::uint64_t target) {
  Contents contents = scan(cache);
  remove_leftovers(cache, contents);
  remove_records(cache, contents,
                 base::file_clock_ns() - std::chrono::nanoseconds(kMachineRecordLife).count());
  PrunedTo result;
  for (const Item& item : contents.items)
    result.left += item.bytes;
  if (result.left <= max_bytes) return result;
  const std::int64_t now = base::file_clock_ns();
  std::ranges::sort(contents.items, {}, [now](const Item& item) { return rank_of(item, now); });
  for (const Item& item : contents.items) {
    if (result.left <= target) break;
    const base::UniqueFd folder = open_folder(cache, item.folder);
    if (!folder.valid() || (item.is_code && is_in_use(folder.get(), item.name))) continue;
    const Removal removal = remove_item(folder.get(), item);
    if (removal == Removal::kFailed) continue;
    result.left -= item.bytes;
    if (removal == Removal::kByAnother) continue;
    result.pruned.bytes += item.bytes;
    if (item.is_code) ++result.pruned.entries;
  }
  if (result.pruned.bytes != 0) remove_empty_folders(cache, contents);
  return result;
}

constexpr const char* kUsageName = "mimobox-usage";
constexpr std::string_view kUsageMagic = "mimouse\1";
constexpr std::size_t kUsageFieldBytes = 8 + 8 + 8;

/// What is in a cache, as far as those know who published since it was counted.
struct Usage {
  std::uint64_t bytes = 0;
  std::int64_t counted_at_ns = 0;
};

/// nullopt when it has to be counted: nobody did within the hour, so that what dead processes left
/// goes too, and what came in other ways than publishing is counted.
std::optional<Usage> read_usage(int cache, Owner owner, const Seal& seal) {
  constexpr std::int64_t kHourNs = std::int64_t{3600} * 1'000'000'000;
  const auto note = read_note(cache, kUsageName, kUsageFieldBytes, owner, seal);
  if (!note) return std::nullopt;
  FieldReader fields(note->fields);
  if (!fields.has(kUsageMagic)) return std::nullopt;
  Usage usage;
  usage.bytes = fields.number<std::uint64_t>();
  usage.counted_at_ns = fields.number<std::int64_t>();
  const std::int64_t now = base::file_clock_ns();
  if (usage.counted_at_ns > now || now - usage.counted_at_ns > kHourNs) return std::nullopt;
  return usage;
}

void write_usage(int cache, const Usage& usage, Owner owner, const Seal& seal) {
  FieldWriter fields;
  fields.add(kUsageMagic);
  fields.add(usage.bytes);
  fields.add(usage.counted_at_ns);
  write_note(cache, kUsageName, std::move(fields), owner, seal);
}

Entry entry_of(int cache, const Item& item) {
  const base::UniqueFd folder = open_folder(cache, item.folder);
  return {.folder = item.folder,
          .name = item.name,
          .module = with_suffix(item.name, kCodeSuffix, ""),
          .bytes = item.bytes,
          .last_used_ns = item.last_used_ns,
          .in_use = folder.valid() && is_in_use(folder.get(), item.name)};
}

}  // namespace

std::vector<Entry> list(int cache) {
  std::vector<Entry> entries;
  for (const Item& item : scan(cache).items) {
    if (item.is_code) entries.push_back(entry_of(cache, item));
  }
  std::ranges::sort(entries, std::ranges::greater{}, &Entry::last_used_ns);
  return entries;
}

std::uint64_t disk_bytes(int cache) {
  std::uint64_t total = 0;
  for (const Item& item : scan(cache).items)
    total += item.bytes;
  return total;
}

Pruned prune(int cache, std::uint64_t max_bytes) {
  const base::UniqueFd turn = wait_for_turn(cache);
  return prune_in_turn(cache, max_bytes, max_bytes).pruned;
}

void keep_bound(int cache, std::uint64_t max_bytes, std::uint64_t published, Owner owner,
                const Seal& seal) {
  const base::UniqueFd turn = wait_for_turn(cache);
  auto usage = read_usage(cache, owner, seal);
  if (usage && usage->bytes + published <= max_bytes) {
    usage->bytes += published;
  } else {
    usage = Usage{.bytes = prune_in_turn(cache, max_bytes, max_bytes - max_bytes / 8).left,
                  .counted_at_ns = base::file_clock_ns()};
  }
  write_usage(cache, *usage, owner, seal);
}

Pruned clear(int cache) {
  const Contents contents = scan(cache);
  remove_leftovers(cache, contents);
  ::unlinkat(cache, kUsageName, 0);
  Pruned pruned;
  for (const Item& item : contents.items) {
    const base::UniqueFd folder = open_folder(cache, item.folder);
    if (!folder.valid() || remove_item(folder.get(), item) != Removal::kDone) continue;
    pruned.bytes += item.bytes;
    if (item.is_code) ++pruned.entries;
  }
  remove_empty_folders(cache, contents);
  return pruned;
}

Verified verify(int cache, Owner owner, const Seal& seal) {
  Verified verified;
  const std::string version = folder_name({}).substr(0, folder_name({}).find('-') + 1);
  for (const Item& item : scan(cache).items) {
    if (!item.is_code) continue;
    if (!item.folder.starts_with(version)) {
      ++verified.skipped;
      continue;
    }
    const base::UniqueFd folder = open_folder(cache, item.folder);
    const base::UniqueFd file(base::openat_again(folder.get(), item.name.c_str(),
                                                 O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!file.valid() && errno == ENOENT) continue;  // gone meanwhile
    struct stat status{};
    std::string_view why;
    if (!file.valid() || ::fstat(file.get(), &status) != 0 || !trusted_file(status, owner)) {
      why = "somebody else could have written it";
    } else if (auto record =
                   read_record(file.get(), static_cast<std::uint64_t>(status.st_size), seal);
               !record) {
      why = record.error();
    } else if (folder_name(record->key) != item.folder ||
               base::to_hex(record->module).append(kCodeSuffix) != item.name) {
      why = "it is the code of something else";
    } else if (!artifact_fits(file.get(), *record)) {
      why = "its artifact is not the one that its record names";
    }
    if (why.empty()) {
      ++verified.good;
      continue;
    }
    verified.damaged.push_back({entry_of(cache, item), why});
    remove_item(folder.get(), item);
  }
  return verified;
}

}  // namespace mimobox::cache
