// Allocates and touches a number of MiB (first argument), then prints "ok", or "denied after N
// MiB".
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char* volatile kept;  // so that no compiler leaves an allocation out

int main(int argc, char** argv) {
  const unsigned long wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 1024 * 1024;
  for (unsigned long i = 0; i < wanted; i++) {
    char* block = malloc(1 << 20);
    if (block == NULL) {
      printf("denied after %lu MiB\n", i);
      return 3;
    }
    memset(block, (int)(i & 0x7f), 1 << 20);
    kept = block;
  }
  puts("ok");
  return 0;
}
