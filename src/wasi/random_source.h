#ifndef MIMOBOX_WASI_RANDOM_SOURCE_H_
#define MIMOBOX_WASI_RANDOM_SOURCE_H_

#include <cstddef>
#include <span>

namespace mimobox::wasi {

/// Where a guest's random bytes come from; passed in.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  /// Fills all of `bytes`; false when the source has failed.
  [[nodiscard]] virtual bool fill(std::span<std::byte> bytes) noexcept = 0;
};

/// The kernel's random bytes.
class SystemRandom final : public Random {
 public:
  [[nodiscard]] bool fill(std::span<std::byte> bytes) noexcept override;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_RANDOM_SOURCE_H_
