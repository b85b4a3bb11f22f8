// Prints all that a guest can learn without being told: clocks, random bytes, what its streams are, and of the folder
// in argv[1] every entry as the host lists it, with its numbers and times. Then sleeps, changes a file and looks again.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void tell_clocks(void) {
  const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
  for (int i = 0; i < 2; i++) {
    struct timespec now, step;
    clock_gettime(clocks[i], &now);
    clock_getres(clocks[i], &step);
    printf("clock %d: %lld.%09ld, step %ld\n", i, (long long)now.tv_sec, now.tv_nsec, step.tv_nsec);
  }
}

static void tell_random(void) {
  unsigned char bytes[16];
  if (getentropy(bytes, sizeof bytes) != 0) printf("no entropy");
  for (unsigned i = 0; i < sizeof bytes; i++) printf("%02x", bytes[i]);
  printf("\n");
}

static void tell_stat(const char* path) {
  struct stat s;
  if (lstat(path, &s) != 0) return;
  printf("  %s: dev %llu ino %llu links %llu size %lld times %lld.%09ld %lld.%09ld %lld.%09ld\n", path,
         (unsigned long long)s.st_dev, (unsigned long long)s.st_ino, (unsigned long long)s.st_nlink,
         (long long)s.st_size, (long long)s.st_atim.tv_sec, s.st_atim.tv_nsec, (long long)s.st_mtim.tv_sec,
         s.st_mtim.tv_nsec, (long long)s.st_ctim.tv_sec, s.st_ctim.tv_nsec);
}

static void tell_folder(const char* path) {
  char below[1024];
  DIR* folder = opendir(path);
  if (folder == NULL) return;
  for (struct dirent* e = readdir(folder); e != NULL; e = readdir(folder)) {
    snprintf(below, sizeof below, "%s/%s", path, e->d_name);
    printf("  entry %s: ino %llu type %d\n", below, (unsigned long long)e->d_ino, e->d_type);
    tell_stat(below);
    if (e->d_type == DT_DIR && e->d_name[0] != '.') tell_folder(below);
  }
  closedir(folder);
}

int main(int argc, char** argv) {
  printf("%s, %d arguments\n", argv[0], argc);
  for (int fd = 0; fd < 3; fd++) {
    struct stat s;
    printf("stream %d: tty %d, stat %d mode %o\n", fd, isatty(fd), fstat(fd, &s), s.st_mode);
  }
  struct pollfd in = {.fd = 0, .events = POLLIN};
  printf("poll: %d %d\n", poll(&in, 1, 0), in.revents);
  char buffer[4096];
  for (long got = read(0, buffer, sizeof buffer); got > 0; got = read(0, buffer, sizeof buffer)) printf("read %ld\n", got);
  tell_clocks();
  tell_random();
  if (argc < 2) return 0;
  tell_folder(argv[1]);
  usleep(1500000);
  tell_clocks();
  snprintf(buffer, sizeof buffer, "%s/made", argv[1]);
  const int fd = open(buffer, O_CREAT | O_RDWR, 0666);
  if (fd >= 0) {
    printf("wrote %zd\n", write(fd, "text", 4));
    unlink(buffer);
    close(fd);
  }
  mkdir(buffer, 0777);
  tell_folder(argv[1]);
  tell_random();
  return 0;
}
