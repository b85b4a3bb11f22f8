// Allocates until there is no more and writes to each page of it: what a memory limit costs.
#include <stdlib.h>

enum { kBlock = (64 << 10) - 64, kPage = 4096 };

int main(void) {
  int blocks = 0;
  for (volatile char* block; (block = malloc(kBlock)) != NULL; ++blocks) {
    for (size_t i = 0; i < kBlock; i += kPage)
      block[i] = 1;
  }
  return blocks > 0 ? 0 : 1;
}
