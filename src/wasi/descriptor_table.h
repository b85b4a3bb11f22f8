#ifndef MIMOBOX_WASI_DESCRIPTOR_TABLE_H_
#define MIMOBOX_WASI_DESCRIPTOR_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "base/inline_resource.h"
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
  std::uint32_t insert(Descriptor&& descriptor);
  /// Closes an open number.
  void close(std::uint32_t number);
  /// Moves an open descriptor onto another open one, which is closed; they are not the same.
  void move(std::uint32_t from, std::uint32_t to);

 private:
  /// The streams and a folder or two: such a guest's table allocates nothing.
  static constexpr std::size_t kFew = 5;

  const std::uint32_t limit_;
  base::InlineResource<kFew * sizeof(Descriptor)> room_for_slots_;
  base::InlineResource<kFew * sizeof(std::uint32_t)> room_for_free_;
  std::pmr::vector<Descriptor> slots_{&room_for_slots_};
  /// A heap of the closed numbers below slots_.size(), the lowest first. Its capacity is that of
  /// slots_, so that closing allocates nothing.
  std::pmr::vector<std::uint32_t> free_{&room_for_free_};
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_DESCRIPTOR_TABLE_H_
