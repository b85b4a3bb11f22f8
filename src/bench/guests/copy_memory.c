// Fills and copies 512 KiB 32 times.
#include <string.h>

enum { kBytes = 512 << 10, kTimes = 32 };

static char from[kBytes];
static char to[kBytes];

int main(void) {
  for (int i = 1; i <= kTimes; ++i) {
    memset(from, i, sizeof from);
    __asm__ volatile("" : : "r"(from) : "memory");
    memcpy(to, from, sizeof to);
    __asm__ volatile("" : : "r"(to) : "memory");
  }
  return to[0] == kTimes && to[kBytes - 1] == kTimes ? 0 : 1;
}
