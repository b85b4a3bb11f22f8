// Nests folders in descriptor 3, then links one file of the deepest many times into a folder at the top.
// Usage: nest_and_link DEPTH NAME_BYTES LINKS. The exit code is 1 when something fails.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

enum { kEveryRight = 0x0fffffff, kRightsOfFolders = kEveryRight & ~__WASI_RIGHTS_FD_WRITE };

static __wasi_fd_t made(__wasi_fd_t in, const char* name) {
  __wasi_fd_t folder;
  if (__wasi_path_create_directory(in, name) != 0) exit(1);
  if (__wasi_path_open(in, 0, name, __WASI_OFLAGS_DIRECTORY, kRightsOfFolders, kEveryRight, 0, &folder) != 0) exit(1);
  return folder;
}

int main(int argc, char** argv) {
  if (argc != 4) return 1;
  char name[256] = "";
  memset(name, 'n', (size_t)atoi(argv[2]));
  __wasi_fd_t deepest = 3;
  for (int depth = 0; depth < atoi(argv[1]); depth++) {
    const __wasi_fd_t next = made(deepest, name);
    if (deepest != 3 && __wasi_fd_close(deepest) != 0) return 1;
    deepest = next;
  }
  __wasi_fd_t file;
  if (__wasi_path_open(deepest, 0, "f", __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_WRITE, 0, 0, &file) != 0) return 1;
  const __wasi_fd_t links = made(3, "links");
  for (int i = 0; i < atoi(argv[3]); i++) {
    snprintf(name, sizeof name, "%d", i);
    if (__wasi_path_link(deepest, 0, "f", links, name) != 0) return 1;
  }
  return 0;
}
