#ifndef MIMOBOX_BASE_INLINE_RESOURCE_H_
#define MIMOBOX_BASE_INLINE_RESOURCE_H_

#include <cstddef>
#include <memory_resource>

namespace mimobox::base {

/// Memory for one container that is mostly small: the first block of up to `kBytes` stands in this
/// object, others come from the heap and go back to it. Not synchronized; must not move.
template <std::size_t kBytes>
class InlineResource final : public std::pmr::memory_resource {
 public:
  InlineResource() = default;
  InlineResource(const InlineResource&) = delete;
  InlineResource& operator=(const InlineResource&) = delete;

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (taken_ || bytes > kBytes || alignment > alignof(std::max_align_t)) {
      return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    taken_ = true;
    return room_;
  }
  void do_deallocate(void* what, std::size_t bytes, std::size_t alignment) override {
    if (what == room_) {
      taken_ = false;
    } else {
      std::pmr::new_delete_resource()->deallocate(what, bytes, alignment);
    }
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  alignas(std::max_align_t) std::byte room_[kBytes];
  bool taken_ = false;
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_INLINE_RESOURCE_H_
