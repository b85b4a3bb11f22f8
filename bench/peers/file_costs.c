// What one call on a file costs, in nanoseconds: the same program natively and as a guest of any
// WASI preview 1 host. Prints "name nanoseconds" lines to stderr; stdout is where 64 bytes go.
//
//   file_costs FOLDER     FOLDER must be empty and may be written
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { kBlock = 4096, kBlocks = 512, kCalls = 2000, kEntries = 10000, kRounds = 7 };

static char block[kBlock];
static int top;

static void die(const char *what) {
  fprintf(stderr, "file_costs: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void make_file(const char *path, int blocks) {
  int fd = openat(top, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0) die(path);
  for (int i = 0; i < blocks; ++i)
    if (write(fd, block, kBlock) != kBlock) die(path);
  close(fd);
}

static void make_tree(void) {
  if (mkdirat(top, "d", 0755) || mkdirat(top, "d/e", 0755) || mkdirat(top, "many", 0755)) die("mkdir");
  make_file("f", kBlocks);
  make_file("d/f", 1);
  make_file("d/e/f", 1);
  char name[32];
  for (int i = 0; i < kEntries; ++i) {
    snprintf(name, sizeof name, "many/entry%d", i);
    make_file(name, 0);
  }
}

// Each returns how many calls it made.
static int read_blocks(const char *path) {
  int fd = openat(top, path, O_RDONLY);
  for (int i = 0; i < kBlocks; ++i)
    if (read(fd, block, kBlock) != kBlock) die("read");
  close(fd);
  return kBlocks;
}
// O_CREAT: wasmtime writes to no file that is opened without it in a folder that was opened to be read.
static int write_blocks(const char *path) {
  int fd = openat(top, path, O_RDWR | O_CREAT, 0644);
  for (int i = 0; i < kBlocks; ++i)
    if (write(fd, block, kBlock) != kBlock) die("write");
  close(fd);
  return kBlocks;
}
static int stat_path(const char *path) {
  struct stat status;
  for (int i = 0; i < kCalls; ++i)
    if (fstatat(top, path, &status, 0)) die("stat");
  return kCalls;
}
static int open_path(const char *path) {
  for (int i = 0; i < kCalls; ++i) {
    int fd = openat(top, path, O_RDONLY);
    if (fd < 0) die("open");
    close(fd);
  }
  return kCalls;
}
static int list(const char *path) {
  DIR *directory = fdopendir(openat(top, path, O_RDONLY | O_DIRECTORY));
  if (!directory) die("opendir");
  int count = 0;
  while (readdir(directory)) ++count;
  closedir(directory);
  return count;
}
static int write_64(const char *path) {
  int fd = path ? openat(top, path, O_RDWR | O_CREAT, 0644) : 1;
  for (int i = 0; i < kCalls; ++i)
    if (write(fd, block, 64) != 64) die("write");
  if (path) close(fd);
  return kCalls;
}

static const struct {
  const char *name;
  int (*run)(const char *path);
  const char *path;
} kMeasures[] = {
    {"read_4k", read_blocks, "f"},       {"write_4k", write_blocks, "f"},
    {"stat_f", stat_path, "f"},          {"stat_d_f", stat_path, "d/f"},
    {"stat_d_e_f", stat_path, "d/e/f"},  {"open_close_f", open_path, "f"},
    {"open_close_d_f", open_path, "d/f"}, {"open_close_d_e_f", open_path, "d/e/f"},
    {"readdir_10000", list, "many"},     {"write_64_file", write_64, "d/f"},
    {"write_64_stdout", write_64, NULL},
};

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  top = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (top < 0) die(argv[1]);
  make_tree();
  for (size_t i = 0; i < sizeof kMeasures / sizeof *kMeasures; ++i) {
    double best = 1e18;
    for (int round = 0; round < kRounds; ++round) {
      double start = now();
      int calls = kMeasures[i].run(kMeasures[i].path);
      double each = (now() - start) / calls;
      if (each < best) best = each;
    }
    fprintf(stderr, "%s %.1f\n", kMeasures[i].name, best);
  }
  return 0;
}
