// Waits with poll() and no timeout until standard input can be read, then reads one byte.
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  if (poll(&input, 1, -1) != 1) return 2;
  char byte;
  if (read(0, &byte, 1) != 1) return 3;
  printf("got %c\n", byte);
  return 0;
}
