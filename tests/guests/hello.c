// Writes one line to each output stream.
#include <stdio.h>

int main(void) {
  puts("hello from the guest");
  fputs("and a word on stderr\n", stderr);
  return 0;
}
