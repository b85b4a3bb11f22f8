// Indirect calls: qsort of a million numbers.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { kCount = 1000000 };
static uint32_t numbers[kCount];

static int compare(const void* a, const void* b) {
  const uint32_t x = *(const uint32_t*)a;
  const uint32_t y = *(const uint32_t*)b;
  return x < y ? -1 : x > y;
}

int main(void) {
  uint32_t x = 12345;
  for (int i = 0; i < kCount; ++i)
    numbers[i] = x = x * 1664525 + 1013904223;
  qsort(numbers, kCount, sizeof numbers[0], compare);
  printf("%u\n", (unsigned)numbers[kCount / 2]);
  return 0;
}
