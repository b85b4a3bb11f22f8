// Exits with the number in its first argument.
#include <stdlib.h>

int main(int argc, char** argv) {
  exit(argc > 1 ? (int)strtoul(argv[1], NULL, 10) : 0);
}
