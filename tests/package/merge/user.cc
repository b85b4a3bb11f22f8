// Has names of its own that are also inside the merged library, and sees exceptions and types go
// both ways.
#include <cstring>

#include "shared.h"

extern "C" int foreign_fill(char*, int, unsigned long) {
  return -1;
}

#ifdef RENAMED
extern "C" void* mimobox_engine_memset(void* to, int, unsigned long size) {
  return std::memset(to, 7, size);
}
#endif

namespace mimobox::wasi {
int hidden() {
  return -1;
}
}  // namespace mimobox::wasi

int main() {
  if (mimobox::guarded([] { return 2; }) != 42) return 1;
  try {
    mimobox::guarded([]() -> int { throw std::out_of_range("far"); });
    return 2;
  } catch (const mimobox::Error& error) {
    if (std::string(error.what()) != "guarded: far") return 3;
  }
  const mimobox::Square square;
  const mimobox::Shape& shape = square;
  if (dynamic_cast<const mimobox::Square*>(&shape) == nullptr || shape.area() != 4) return 4;
  if (!(square == square) || mimobox::numbers() != std::vector<int>{0, 1, 2, 3, 4}) return 5;
  if (mimobox::counted() < 1 || mimobox::wasi::hidden() != -1 || foreign_fill(nullptr, 0, 0) != -1)
    return 6;
#ifdef RENAMED
  return mimobox::filled(3) == 14 ? 0 : 7;
#else
  return mimobox::filled(3) == 6 ? 0 : 8;
#endif
}
