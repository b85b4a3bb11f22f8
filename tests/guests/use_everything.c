// Uses what WASI offers on files, in each folder named by the arguments, and copies its input to its output. Exits
// with 1 when a call fails; with 3 when one succeeded and the bytes are not what they have to be.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static void fail(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}
#define TRY(call) ((call) < 0 ? fail(#call) : (void)0)

static void wrong(const char* what) {
  fprintf(stderr, "wrong: %s\n", what);
  exit(3);
}

static void write_all(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    ssize_t done = write(fd, bytes, size);
    if (done < 0) fail("write");
    bytes += done;
    size -= (size_t)done;
  }
}

static size_t read_all(int fd, char* bytes, size_t size) {
  size_t filled = 0;
  while (filled < size) {
    ssize_t done = read(fd, bytes + filled, size - filled);
    if (done < 0) fail("read");
    if (done == 0) break;
    filled += (size_t)done;
  }
  return filled;
}

static void use(const char* folder) {
  static char text[40000];
  static char back[sizeof text + 10];
  for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + i % 26);
  if (chdir(folder) != 0) fail("chdir");
  TRY(mkdir("d", 0777));
  TRY(mkdir("d/e", 0777));
  int fd = open("d/e/f", O_CREAT | O_EXCL | O_RDWR, 0666);
  TRY(fd);
  write_all(fd, text, sizeof text);
  TRY(lseek(fd, 0, SEEK_SET));
  if (read_all(fd, back, sizeof back) != sizeof text || memcmp(text, back, sizeof text) != 0) wrong("read");
  struct iovec list[3] = {{text, 3}, {text + 3, 0}, {text + 3, 5}};
  ssize_t listed = pwritev(fd, list, 3, 10);
  TRY(listed);
  TRY(pread(fd, back, 2, 10));
  if (memcmp(back, "ab", (size_t)(listed > 1 ? 1 : listed)) != 0) wrong("pwritev");
  TRY(ftruncate(fd, 100000));
  TRY(posix_fallocate(fd, 0, 120000) == 0 ? 0 : -1);
  TRY(fsync(fd));
  struct stat status;
  TRY(fstat(fd, &status));
  if (status.st_size != 120000) wrong("size");
  TRY(close(fd));
  TRY(symlink("e/f", "d/link"));
  TRY(link("d/e/f", "d/hard"));
  TRY(rename("d/e/f", "d/e/g"));
  TRY(stat("d/hard", &status));
  if (status.st_nlink != 2) wrong("links");
  TRY(utimensat(AT_FDCWD, "d/hard", NULL, 0));
  char target[16];
  TRY(readlink("d/link", target, sizeof target));
  DIR* listing = opendir("d");
  if (listing == NULL) fail("opendir");
  int entries = 0;
  errno = 0;
  while (readdir(listing) != NULL) entries++;
  if (errno != 0) fail("readdir");
  closedir(listing);
  if (entries != 5) wrong("entries");
  TRY(unlink("d/link"));
  TRY(unlink("d/hard"));
  TRY(unlink("d/e/g"));
  TRY(rmdir("d/e"));
  TRY(rmdir("d"));
}

int main(int argc, char** argv) {
  char buffer[1000];
  for (;;) {
    size_t got = read_all(0, buffer, sizeof buffer);
    write_all(1, buffer, got);
    if (got < sizeof buffer) break;
  }
  struct pollfd output = {.fd = 1, .events = POLLOUT};
  TRY(poll(&output, 1, 1));
  for (int i = 1; i < argc; i++) use(argv[i]);
  write_all(1, "done\n", 5);
  return 0;
}
