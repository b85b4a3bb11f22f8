#ifndef MIMOBOX_WASI_DESCRIPTOR_TABLE_H_
#define MIMOBOX_WASI_DESCRIPTOR_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "wasi/descriptor.h"

namespace mimobox::wasi {

/// The guest's numbers. A new descriptor gets the lowest free one, as POSIX has it. Pointers into
/// the table are valid until the next insert().
class DescriptorTable {
 public:
  /// At most `limit` descriptors are open at a time, the first ones included; the first `expected`
  /// allocate once.
  DescriptorTable(std::uint32_t limit, std::size_t expected);

  /// Null when the number is not open.
  [[nodiscard]] Descriptor* find(std::uint32_t number) {
    if (number >= slots_.size()) return nullptr;
    Descriptor& descriptor = slots_[number];
    return std::holds_alternative<Closed>(descriptor.resource) ? nullptr : &descriptor;
  }

  [[nodiscard]] bool has_room() const { return slots_.size() - free_.size() < limit_; }

  /// Takes an open descriptor; there is room. Returns its number.
  std::uint32_t insert(Descriptor descriptor);
  /// Closes an open number.
  void close(std::uint32_t number);
  /// Moves an open descriptor onto another open one, which is closed; they are not the same.
  void move(std::uint32_t from, std::uint32_t to);

 private:
  const std::uint32_t limit_;
  std::vector<Descriptor> slots_;
  /// A heap of the closed numbers below slots_.size(), the lowest first. Its capacity is that of
  /// slots_, so that closing allocates nothing.
  std::vector<std::uint32_t> free_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_DESCRIPTOR_TABLE_H_
