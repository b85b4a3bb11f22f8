#include "wasi/seeded_random.h"

namespace mimobox::wasi {

bool SeededRandom::fill(std::span<std::byte> bytes) noexcept {
  for (std::byte& byte : bytes) {
    if (left_bytes_ == 0) {
      left_ = numbers_();
      left_bytes_ = sizeof left_;
    }
    byte = static_cast<std::byte>(left_ & 0xFFU);
    left_ >>= 8U;
    --left_bytes_;
  }
  return true;
}

}  // namespace mimobox::wasi
