// Random bytes differ, the monotonic clock does not go back, the wall clock is after 2020.
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  unsigned char first[32] = {0};
  unsigned char second[32] = {0};
  if (getentropy(first, sizeof first) != 0 || getentropy(second, sizeof second) != 0) return 1;
  if (memcmp(first, second, sizeof first) == 0) return 2;
  struct timespec before;
  struct timespec after;
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &before) != 0) return 3;
  if (clock_gettime(CLOCK_MONOTONIC, &after) != 0) return 3;
  if (after.tv_sec < before.tv_sec ||
      (after.tv_sec == before.tv_sec && after.tv_nsec < before.tv_nsec)) {
    return 4;
  }
  if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < 1577836800) return 5;
  puts("fine");
  return 0;
}
