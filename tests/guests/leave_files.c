// Says which descriptor is free and what /tmp holds, then leaves files and open descriptors behind.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

int main(void) {
  DIR* folder = opendir("/tmp");
  if (folder == NULL) return 1;
  int entries = 0;
  while (readdir(folder) != NULL) entries++;
  closedir(folder);
  int fd = open("/tmp/secret", O_CREAT | O_RDWR, 0600);
  printf("first free descriptor %d, entries of /tmp %d\n", fd, entries);
  for (int i = 0; i < 20; i++) {
    char name[32];
    snprintf(name, sizeof name, "/tmp/secret%d", i);
    if (open(name, O_CREAT | O_RDWR, 0600) < 0) return 2;
  }
  return 0;
}
