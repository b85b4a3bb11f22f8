#ifndef MIMOBOX_BASE_UNIQUE_FD_H_
#define MIMOBOX_BASE_UNIQUE_FD_H_

#include <utility>

namespace mimobox::base {

/// Owns one file descriptor and closes it when it goes. Move-only; -1 means empty.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  /// Gives the descriptor up; the caller closes it.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset() {
    if (valid()) close_now();
  }

 private:
  void close_now();

  int fd_ = -1;
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_UNIQUE_FD_H_
