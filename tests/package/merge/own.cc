#include "shared.h"

extern "C" int foreign_fill(char* to, int byte, unsigned long size);

namespace mimobox {
namespace wasi {
int hidden() {
  return 40;
}
}  // namespace wasi

Error::Error(const std::string& what) : std::runtime_error(what) {}
Error::~Error() = default;

int Square::area() const {
  return 4;
}

int guarded(int (*function)()) {
  try {
    return function() + wasi::hidden() + (counted() > 0 ? 0 : 1);
  } catch (const std::exception& error) {
    throw Error(std::string("guarded: ") + error.what());
  }
}

bool operator==(const Square& a, const Square& b) {
  return a.area() == b.area();
}

std::vector<int> numbers() {
  std::vector<int> all;
  for (int i = 0; i < 5; ++i)
    all.push_back(i);
  return all;
}

int filled(int byte) {
  char buffer[64];
  return foreign_fill(buffer, byte, sizeof buffer);
}

int unused_function() {
  return 6;
}
}  // namespace mimobox
