#ifndef MIMOBOX_TESTS_UNIT_WASI_SCRATCH_FIXTURE_H_
#define MIMOBOX_TESTS_UNIT_WASI_SCRATCH_FIXTURE_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_directory.h"
#include "wasi/scratch_file.h"
#include "wasi/scratch_tree.h"

namespace mimobox::wasi::file_testing {

inline constexpr ScratchLimits kRoomy{.bytes = std::uint64_t{1} << 30, .files = 1'000'000};

inline constexpr OpenOptions kRead{.follow = true, .read = true, .flags = {}};
inline constexpr OpenOptions kWrite{.follow = true, .read = true, .write = true, .flags = {}};
inline constexpr OpenOptions kCreate{
    .follow = true, .create = true, .read = true, .write = true, .flags = {}};

inline iovec buffer_of(std::string_view text) {
  return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

inline Answer<std::size_t> write(ScratchFile& file, std::string_view text) {
  const iovec buffer = buffer_of(text);
  return file.write({&buffer, 1});
}

inline Answer<std::size_t> pwrite(ScratchFile& file, std::string_view text, std::uint64_t offset) {
  const iovec buffer = buffer_of(text);
  return file.pwrite({&buffer, 1}, offset);
}

inline Answer<std::string> read(ScratchFile& file, std::size_t count) {
  std::string text(count, '?');
  const iovec buffer = buffer_of(text);
  const Answer<std::size_t> got = file.read({&buffer, 1});
  if (!got) return std::unexpected(got.error());
  text.resize(*got);
  return text;
}

inline Answer<std::string> pread(ScratchFile& file, std::size_t count, std::uint64_t offset) {
  std::string text(count, '?');
  const iovec buffer = buffer_of(text);
  const Answer<std::size_t> got = file.pread({&buffer, 1}, offset);
  if (!got) return std::unexpected(got.error());
  text.resize(*got);
  return text;
}

/// A scratch with its root opened.
struct Scratch {
  testing::FakeClock clock;
  std::unique_ptr<ScratchTree> tree;
  ScratchDirectory root;

  explicit Scratch(const ScratchLimits& limits = kRoomy)
      : tree(ScratchTree::create(limits, clock)), root(ScratchDirectory::root(*tree)) {
    clock.tick = 1;
  }

  [[nodiscard]] Errno error_of_open(std::string_view path, const OpenOptions& options) {
    const auto opened = root.open(path, options);
    return opened ? Errno::kSuccess : opened.error();
  }
  [[nodiscard]] ScratchFile file(std::string_view path, const OpenOptions& options = kCreate) {
    return std::get<ScratchFile>(root.open(path, options).value());
  }
  [[nodiscard]] ScratchDirectory directory(std::string_view path) {
    return std::get<ScratchDirectory>(root.open(path, kRead).value());
  }
  [[nodiscard]] Errno error_of_stat(std::string_view path, bool follow = true) const {
    const auto stat = root.stat(path, follow);
    return stat ? Errno::kSuccess : stat.error();
  }
  [[nodiscard]] Filestat stat(std::string_view path, bool follow = false) const {
    return root.stat(path, follow).value();
  }
  void add(std::string_view path, std::string_view text = "") {
    EXPECT_EQ(tree->add_file(path, std::as_bytes(std::span(text))), Errno::kSuccess);
  }
  void add_directory(std::string_view path) {
    EXPECT_EQ(tree->add_directory(path), Errno::kSuccess);
  }
  void add_link(std::string_view target, std::string_view path) {
    EXPECT_EQ(root.symlink(target, path), Errno::kSuccess);
  }
  [[nodiscard]] Errno rename(std::string_view from, std::string_view to) {
    return ScratchDirectory::rename(root, from, root, to);
  }
  [[nodiscard]] Errno link(std::string_view from, std::string_view to) {
    return ScratchDirectory::link(root, from, root, to);
  }
  [[nodiscard]] std::string content(std::string_view path) {
    ScratchFile opened = file(path, kRead);
    return pread(opened, opened.stat()->size, 0).value();
  }
  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> all;
    tree->for_each([&](const ScratchItem& item) {
      all.emplace_back(item.path);
      return true;
    });
    return all;
  }
};

}  // namespace mimobox::wasi::file_testing

#endif  // MIMOBOX_TESTS_UNIT_WASI_SCRATCH_FIXTURE_H_
