// Short loops over memory: the primes below ten million.
#include <stdio.h>
#include <string.h>

enum { kLimit = 10000000 };
static unsigned char composite[kLimit];

int main(void) {
  unsigned count = 0;
  memset(composite, 0, sizeof composite);
  for (unsigned i = 2; i < kLimit; ++i) {
    if (composite[i]) continue;
    ++count;
    for (unsigned long long j = (unsigned long long)i * i; j < kLimit; j += i)
      composite[j] = 1;
  }
  printf("%u\n", count);
  return 0;
}
