#ifndef MIMOBOX_BENCH_TEMPORARY_FOLDER_H_
#define MIMOBOX_BENCH_TEMPORARY_FOLDER_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "mimobox/error.h"

namespace mimobox::bench {

/// A folder of this user's alone, which goes with its contents. Move-only.
class TemporaryFolder {
 public:
  /// Error: `kResourceExhausted`.
  [[nodiscard]] static Result<TemporaryFolder> create();

  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&& other) = delete;
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string path_of(std::string_view name) const;
  /// Writes a file in it and returns its path. Error: `kResourceExhausted`.
  [[nodiscard]] Result<std::string> write(std::string_view name,
                                          std::span<const std::byte> bytes) const;
  /// An empty folder in it of that name, whatever was there before. Error: `kResourceExhausted`.
  [[nodiscard]] Result<std::string> make_empty(std::string_view name) const;

 private:
  explicit TemporaryFolder(std::string path);
  std::string path_;
};

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_TEMPORARY_FOLDER_H_
