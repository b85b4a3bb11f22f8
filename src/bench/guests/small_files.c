// Makes, writes, reads and removes 10,000 small files in the folder of its last argument.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { kFiles = 10000, kBytes = 100 };

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  char name[4096];
  char bytes[kBytes];
  char back[kBytes];
  for (int i = 0; i < kFiles; ++i) {
    snprintf(name, sizeof name, "%s/file%d", argv[argc - 1], i);
    memset(bytes, i, sizeof bytes);
    int file = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0 || write(file, bytes, sizeof bytes) != kBytes || close(file) != 0) return 3;
    file = open(name, O_RDONLY);
    if (file < 0 || read(file, back, sizeof back) != kBytes || close(file) != 0) return 4;
    if (memcmp(bytes, back, sizeof back) != 0 || unlink(name) != 0) return 5;
  }
  return 0;
}
