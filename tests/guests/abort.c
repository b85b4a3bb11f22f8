// Calls abort() after some output.
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  puts("before the end");
  fflush(stdout);
  abort();
}
