#include <string.h>

void nobody_defines_this(void);

// In the place of the engine: asks for memset, and has what nobody calls.
int foreign_fill(char* to, int byte, unsigned long size) {
  memset(to, byte, size);
  return to[0] + to[size - 1];
}

int foreign_unused(char* to, const char* from, unsigned long size) {
  memmove(to, from, size);
  nobody_defines_this();
  return to[0];
}
