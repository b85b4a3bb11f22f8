// Allocates 60 MiB and writes to each page of them.
#include <stdlib.h>

enum { kBytes = 60 << 20, kPage = 4096 };

int main(void) {
  volatile char* memory = malloc(kBytes);
  if (memory == NULL) return 1;
  for (size_t i = 0; i < kBytes; i += kPage)
    memory[i] = 1;
  return 0;
}
