// As flood_stdout with a number, on stderr.
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char** argv) {
  unsigned long left = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
  for (; left > 0; left--) {
    if (write(2, "e", 1) != 1) return 4;
  }
  return 0;
}
