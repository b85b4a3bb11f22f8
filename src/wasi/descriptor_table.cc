#include "wasi/descriptor_table.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace mimobox::wasi {

DescriptorTable::DescriptorTable(std::uint32_t limit, std::size_t expected) : limit_(limit) {
  slots_.reserve(expected);
  free_.reserve(expected);
}

std::uint32_t DescriptorTable::insert(Descriptor&& descriptor) {
  if (!free_.empty()) {
    std::ranges::pop_heap(free_, std::greater());
    const std::uint32_t number = free_.back();
    free_.pop_back();
    slots_[number] = std::move(descriptor);
    return number;
  }
  slots_.push_back(std::move(descriptor));
  if (free_.capacity() < slots_.capacity()) free_.reserve(slots_.capacity());
  return static_cast<std::uint32_t>(slots_.size() - 1);
}

void DescriptorTable::close(std::uint32_t number) {
  Descriptor& closed = slots_[number];
  closed.resource.emplace<Closed>();
  closed.rights = closed.inheriting = 0;
  closed.preopen_path.reset();
  free_.push_back(number);
  std::ranges::push_heap(free_, std::greater());
}

void DescriptorTable::move(std::uint32_t from, std::uint32_t to) {
  slots_[to] = std::move(slots_[from]);
  close(from);
}

}  // namespace mimobox::wasi
