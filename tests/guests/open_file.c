// Tries what a guest without a grant must not do: exits with 0 when all is refused.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
  struct stat status;
  if (open("/etc/passwd", O_RDONLY) >= 0) return 1;
  if (open("made", O_WRONLY | O_CREAT, 0600) >= 0) return 2;
  if (stat("/", &status) == 0) return 3;
  if (mkdir("/tmp/made", 0700) == 0) return 4;
  if (unlink("/etc/passwd") == 0) return 5;
  puts("all refused");
  return 0;
}
