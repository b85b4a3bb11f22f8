// Sleeps ten seconds (poll_oneoff with one clock).
#include <stdio.h>
#include <time.h>

int main(void) {
  const struct timespec ten_seconds = {.tv_sec = 10};
  if (nanosleep(&ten_seconds, NULL) != 0) return 2;
  puts("awake");
  return 0;
}
