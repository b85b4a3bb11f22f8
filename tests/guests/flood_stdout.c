// Writes to stdout: "flood_stdout BYTES" writes that many, without an argument it never ends.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char** argv) {
  static char block[4096];
  memset(block, 'x', sizeof block);
  unsigned long left = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
  while (argc <= 1 || left > 0) {
    const size_t length = argc > 1 && left < sizeof block ? left : sizeof block;
    const ssize_t put = write(1, block, length);
    if (put < 0) return 4;  // the reader went away
    if (argc > 1) left -= (unsigned long)put;
  }
  return 0;
}
