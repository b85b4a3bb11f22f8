#ifndef MIMOBOX_TESTS_PACKAGE_MERGE_SHARED_H_
#define MIMOBOX_TESTS_PACKAGE_MERGE_SHARED_H_

// The public header of a small library that is merged as ours is.
#include <stdexcept>
#include <string>
#include <vector>

namespace mimobox {

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what);
  ~Error() override;
};

class Shape {
 public:
  virtual ~Shape() = default;
  virtual int area() const = 0;
};

class Square : public Shape {
 public:
  int area() const override;
};

/// Calls `function`; what it throws comes back as an Error.
int guarded(int (*function)());
bool operator==(const Square& a, const Square& b);
std::vector<int> numbers();
int filled(int byte);
int unused_function();

/// In a group of its own in both objects: one of them loses.
inline int counted() {
  static int count = 0;
  return ++count;
}

}  // namespace mimobox

#endif  // MIMOBOX_TESTS_PACKAGE_MERGE_SHARED_H_
