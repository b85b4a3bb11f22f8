#include "sandbox/run_scratches.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "wasi/errno.h"
#include "wasi/scratch_content.h"

namespace mimobox::internal {
namespace {

/// Paths of all entries and of what hard links name, together: a guest can nest folders and link
/// files so that they would be far more.
constexpr std::size_t kMaxPathBytes = 64U << 20;
/// The levels of these paths: each is a step when they are written into a folder of the host.
constexpr std::size_t kMaxPathLevels = 4'000'000;

class PathBudget {
 public:
  [[nodiscard]] bool take(std::string_view path) {
    bytes_ += path.size();
    levels_ += static_cast<std::size_t>(std::ranges::count(path, '/')) + 1;
    return bytes_ <= kMaxPathBytes && levels_ <= kMaxPathLevels;
  }

 private:
  std::size_t bytes_ = 0;
  std::size_t levels_ = 0;
};

std::unexpected<SandboxError> invalid(std::string message) {
  return std::unexpected(SandboxError{ErrorCode::kInvalidConfig, std::move(message)});
}

Result<void> placed(wasi::Errno error, std::string_view scratch, std::string_view path) {
  if (error == wasi::Errno::kSuccess) return {};
  std::string_view why = "no path that can be made there";
  if (error == wasi::Errno::kDquot || error == wasi::Errno::kFbig) why = "does not fit";
  if (error == wasi::Errno::kExist) why = "stands twice";
  return invalid(fmt::format("scratch {}: {}: {}", scratch, path, why));
}

EntryKind kind_of(wasi::Filetype type) {
  if (type == wasi::Filetype::kDirectory) return EntryKind::kDirectory;
  if (type == wasi::Filetype::kSymbolicLink) return EntryKind::kLink;
  return EntryKind::kFile;
}

ScratchEntry to_entry(const wasi::ScratchItem& item) {
  ScratchEntry entry{.kind = kind_of(item.stat.type),
                     .path = std::string(item.path),
                     .target = std::string(item.target)};
  if (item.content == nullptr) return entry;
  entry.size = item.stat.size;
  item.content->for_each_extent([&](std::uint64_t offset, std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const bool joins = !entry.extents.empty() &&
                       entry.extents.back().offset + entry.extents.back().data.size() == offset;
    if (joins) {
      entry.extents.back().data += text;
    } else {
      entry.extents.push_back({offset, std::string(text)});
    }
  });
  return entry;
}

}  // namespace

Result<void> RunScratches::make(const std::vector<ScratchInput>& inputs, wasi::Clock& clock,
                                const base::StopSignal& stop) {
  std::uint64_t device = 2;  // host mounts are 1
  for (const Scratch& scratch : config_) {
    trees_.push_back(wasi::ScratchTree::create({.bytes = scratch.bytes, .files = scratch.files},
                                               clock, device++, &stop));
  }
  for (const ScratchInput& input : inputs) {
    if (auto filled = fill(input); !filled) return filled;
  }
  return {};
}

Result<void> RunScratches::fill(const ScratchInput& input) {
  const auto found = std::ranges::find(config_, input.guest_path, &Scratch::guest_path);
  if (found == config_.end()) {
    return invalid(fmt::format("scratch: the sandbox has none at {}", input.guest_path));
  }
  wasi::ScratchTree& tree = *trees_[static_cast<std::size_t>(found - config_.begin())];
  for (const std::string& path : input.directories) {
    if (auto r = placed(tree.add_directory(path), input.guest_path, path); !r) return r;
  }
  for (const ScratchFile& file : input.files) {
    const auto error = tree.add_file(file.path, std::as_bytes(std::span(file.data)));
    if (auto r = placed(error, input.guest_path, file.path); !r) return r;
  }
  return {};
}

std::vector<ScratchOutput> RunScratches::contents() const {
  std::vector<ScratchOutput> outputs;
  for (std::size_t i = 0; i < trees_.size(); ++i) {
    ScratchOutput& output = outputs.emplace_back();
    output.guest_path = config_[i].guest_path;
    PathBudget budget;
    std::unordered_map<std::uint64_t, std::size_t>
        files;  // inode to entry: contents once for all names
    trees_[i]->for_each([&](const wasi::ScratchItem& item) {
      const auto [known, is_new] = files.emplace(item.stat.inode, output.entries.size());
      const bool hard_link = !is_new && item.content != nullptr;
      output.truncated = !budget.take(item.path) ||
                         (hard_link && !budget.take(output.entries[known->second].path));
      if (output.truncated) return false;
      if (hard_link) {
        output.entries.push_back({.kind = EntryKind::kHardLink,
                                  .path = std::string(item.path),
                                  .target = output.entries[known->second].path});
      } else {
        output.entries.push_back(to_entry(item));
      }
      return true;
    });
  }
  return outputs;
}

}  // namespace mimobox::internal

namespace mimobox {

std::string ScratchEntry::data(std::uint64_t max_bytes) const {
  if (size > max_bytes) return {};
  std::string bytes(static_cast<std::size_t>(size), '\0');
  for (const Extent& extent : extents) {
    if (extent.offset >= size) break;
    const auto count = std::min<std::uint64_t>(extent.data.size(), size - extent.offset);
    bytes.replace(static_cast<std::size_t>(extent.offset), static_cast<std::size_t>(count),
                  extent.data, 0, static_cast<std::size_t>(count));
  }
  return bytes;
}

}  // namespace mimobox
