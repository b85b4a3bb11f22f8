// Sleeps 20 milliseconds and says so.
#include <stdio.h>
#include <time.h>

int main(void) {
  const struct timespec moment = {.tv_nsec = 20000000};
  if (nanosleep(&moment, NULL) != 0) return 2;
  puts("awake");
  return 0;
}
