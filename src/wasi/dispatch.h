#ifndef MIMOBOX_WASI_DISPATCH_H_
#define MIMOBOX_WASI_DISPATCH_H_

#include <concepts>
#include <cstdint>
#include <variant>

#include "wasi/descriptor.h"
#include "wasi/errno.h"

// The one place that tells files, directories and streams apart for the functions of the
// specification: first whether the number is open, then whether it is of the kind, then whether it
// has the right.

namespace mimobox::wasi {

[[nodiscard]] inline bool has_right(const Descriptor& descriptor, std::uint64_t right) {
  return (descriptor.rights & right) == right;
}

/// `call(file)` when the descriptor is a file of any mount and has all of `rights`.
/// kBadf: not open, or a directory. `errno_of_streams`: a stream. kNotcapable: without the rights.
template <class Call>
[[nodiscard]] Errno on_file(Descriptor* descriptor, std::uint64_t rights, Errno errno_of_streams,
                            Call call) {
  if (descriptor == nullptr) return Errno::kBadf;
  return std::visit(
      [&]<class T>(T& resource) -> Errno {
        if constexpr (FileResource<T>) {
          return has_right(*descriptor, rights) ? call(resource) : Errno::kNotcapable;
        } else {
          return DirectoryResource<T> ? Errno::kBadf : errno_of_streams;
        }
      },
      descriptor->resource);
}

/// `call(directory)` when the descriptor is a directory of any mount and has all of `rights`.
/// kBadf: not open. kNotdir: a file or a stream. kNotcapable: without the rights.
template <class Call>
[[nodiscard]] Errno on_directory(Descriptor* descriptor, std::uint64_t rights, Call call) {
  if (descriptor == nullptr) return Errno::kBadf;
  return std::visit(
      [&]<class T>(T& resource) -> Errno {
        if constexpr (DirectoryResource<T>) {
          return has_right(*descriptor, rights) ? call(resource) : Errno::kNotcapable;
        } else {
          return Errno::kNotdir;
        }
      },
      descriptor->resource);
}

/// `call(file_or_directory)`, for what both have; errors as of on_file.
template <class Call>
[[nodiscard]] Errno on_node(Descriptor* descriptor, std::uint64_t rights, Errno errno_of_streams,
                            Call call) {
  if (descriptor == nullptr) return Errno::kBadf;
  return std::visit(
      [&]<class T>(T& resource) -> Errno {
        if constexpr (FileResource<T> || DirectoryResource<T>) {
          return has_right(*descriptor, rights) ? call(resource) : Errno::kNotcapable;
        } else {
          return errno_of_streams;
        }
      },
      descriptor->resource);
}

/// `call(old_directory, new_directory)` on two directories of one kind of mount; errors as of
/// on_directory, of the old one first. kXdev: kinds that share nothing.
template <class Call>
[[nodiscard]] Errno on_two_directories(Descriptor* old_descriptor, std::uint64_t old_rights,
                                       Descriptor* new_descriptor, std::uint64_t new_rights,
                                       Call call) {
  return on_directory(old_descriptor, old_rights, [&]<class Old>(Old& old_directory) -> Errno {
    return on_directory(new_descriptor, new_rights, [&]<class New>(New& new_directory) -> Errno {
      if constexpr (std::same_as<Old, New>) {
        return call(old_directory, new_directory);
      } else {
        return Errno::kXdev;
      }
    });
  });
}

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_DISPATCH_H_
