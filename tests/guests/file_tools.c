// Works on a tree of files as ordinary programs do. Usage: file_tools COMMAND ARGS...
//   fill DIR               makes a tree with files, folders and a link
//   copy FROM TO           copies a tree
//   walk DIR               prints every entry with its size, sorted
//   change DIR             renames, truncates, appends, removes
//   sort IN OUT TMP_DIR    sorts lines of a file that is larger than memory, by merging runs
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kPath = 4096, kRunLines = 20000, kLine = 64 };

static void die(const char* what) {
  fprintf(stderr, "file_tools: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void join(char* out, const char* folder, const char* name) {
  snprintf(out, kPath, "%s/%s", folder, name);
}

static void write_text(const char* path, const char* mode, const char* text) {
  FILE* file = fopen(path, mode);
  if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) die(path);
}

static void fill(const char* dir) {
  char path[kPath];
  join(path, dir, "a");
  if (mkdir(path, 0777) != 0) die(path);
  join(path, dir, "a/b");
  if (mkdir(path, 0777) != 0) die(path);
  for (int i = 0; i < 20; i++) {
    char name[32];
    snprintf(name, sizeof name, i % 2 ? "a/b/file%02d" : "a/file%02d", i);
    join(path, dir, name);
    FILE* file = fopen(path, "w");
    if (file == NULL) die(path);
    for (int line = 0; line < i * 100; line++) fprintf(file, "line %d of %d\n", line, i);
    if (fclose(file) != 0) die(path);
  }
  join(path, dir, "a/link");
  if (symlink("b/file01", path) != 0) die(path);
}

static void copy_file(const char* from, const char* to) {
  static char buffer[10000];
  FILE* in = fopen(from, "r");
  FILE* out = fopen(to, "w");
  if (in == NULL || out == NULL) die(from);
  for (size_t n = fread(buffer, 1, sizeof buffer, in); n > 0; n = fread(buffer, 1, sizeof buffer, in)) {
    if (fwrite(buffer, 1, n, out) != n) die(to);
  }
  fclose(in);
  if (fclose(out) != 0) die(to);
}

static void copy(const char* from, const char* to) {
  struct stat status;
  if (lstat(from, &status) != 0) die(from);
  if (S_ISLNK(status.st_mode)) {
    char target[kPath];
    const ssize_t size = readlink(from, target, sizeof target - 1);
    if (size < 0) die(from);
    target[size] = '\0';
    if (symlink(target, to) != 0) die(to);
    return;
  }
  if (!S_ISDIR(status.st_mode)) {
    copy_file(from, to);
    return;
  }
  if (mkdir(to, 0777) != 0) die(to);
  DIR* folder = opendir(from);
  if (folder == NULL) die(from);
  for (struct dirent* entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    char* paths = malloc(2 * kPath);
    join(paths, from, entry->d_name);
    join(paths + kPath, to, entry->d_name);
    copy(paths, paths + kPath);
    free(paths);
  }
  closedir(folder);
}

static int by_name(const void* a, const void* b) {
  return strcmp(*(char* const*)a, *(char* const*)b);
}

static void walk(const char* dir) {
  char* names[256];
  size_t count = 0;
  DIR* folder = opendir(dir);
  if (folder == NULL) die(dir);
  for (struct dirent* entry = readdir(folder); entry != NULL && count < 256; entry = readdir(folder)) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) names[count++] = strdup(entry->d_name);
  }
  closedir(folder);
  qsort(names, count, sizeof *names, by_name);
  for (size_t i = 0; i < count; i++) {
    char path[kPath];
    join(path, dir, names[i]);
    struct stat status;
    if (lstat(path, &status) != 0) die(path);
    const char* kind = S_ISDIR(status.st_mode) ? "folder" : S_ISLNK(status.st_mode) ? "link" : "file";
    printf("%s %s", path, kind);
    if (S_ISREG(status.st_mode)) printf(" %lld", (long long)status.st_size);
    printf("\n");
    if (S_ISDIR(status.st_mode)) walk(path);
    free(names[i]);
  }
}

static void change(const char* dir) {
  char path[kPath];
  char other[kPath];
  join(path, dir, "a/file02");
  join(other, dir, "a/b/renamed");
  if (rename(path, other) != 0) die(path);
  if (truncate(other, 5) != 0) die(other);
  write_text(other, "a", "!");
  join(path, dir, "a/file04");
  if (unlink(path) != 0) die(path);
  if (unlink(path) == 0 || errno != ENOENT) die("a file that is gone");
  join(path, dir, "a/b");
  if (rmdir(path) == 0 || errno != ENOTEMPTY) die("a folder that is not empty");
  join(path, dir, "a/link");
  struct stat through;
  if (stat(path, &through) != 0 || !S_ISREG(through.st_mode)) die(path);
  join(other, dir, "../../../outside");
  if (fopen(other, "w") != NULL) die("an escape");
}

static int by_line(const void* a, const void* b) { return strcmp(a, b); }

static FILE* open_run(const char* tmp, int run, const char* mode) {
  char path[kPath];
  snprintf(path, sizeof path, "%s/run%d", tmp, run);
  FILE* file = fopen(path, mode);
  if (file == NULL) die(path);
  return file;
}

static void sort(const char* in_path, const char* out_path, const char* tmp) {
  static char lines[kRunLines][kLine];
  static char heads[64][kLine];
  FILE* runs[64];
  FILE* in = fopen(in_path, "r");
  if (in == NULL) die(in_path);
  int count = 0;
  for (size_t n = 1; n > 0 && count < 64;) {
    n = 0;
    while (n < kRunLines && fgets(lines[n], kLine, in) != NULL) n++;
    if (n == 0) break;
    qsort(lines, n, kLine, by_line);
    FILE* run = open_run(tmp, count++, "w");
    for (size_t i = 0; i < n; i++) fputs(lines[i], run);
    if (fclose(run) != 0) die("run");
  }
  FILE* out = fopen(out_path, "w");
  if (out == NULL) die(out_path);
  for (int i = 0; i < count; i++) {
    runs[i] = open_run(tmp, i, "r");
    if (fgets(heads[i], kLine, runs[i]) == NULL) heads[i][0] = '\0';
  }
  while (1) {
    int least = -1;
    for (int i = 0; i < count; i++) {
      if (heads[i][0] != '\0' && (least < 0 || strcmp(heads[i], heads[least]) < 0)) least = i;
    }
    if (least < 0) break;
    fputs(heads[least], out);
    if (fgets(heads[least], kLine, runs[least]) == NULL) heads[least][0] = '\0';
  }
  if (fclose(out) != 0) die(out_path);
  printf("%d runs\n", count);
}

int main(int argc, char** argv) {
  const char* command = argc > 1 ? argv[1] : "";
  if (argc == 3 && strcmp(command, "fill") == 0) fill(argv[2]);
  else if (argc == 4 && strcmp(command, "copy") == 0) copy(argv[2], argv[3]);
  else if (argc == 3 && strcmp(command, "walk") == 0) walk(argv[2]);
  else if (argc == 3 && strcmp(command, "change") == 0) change(argv[2]);
  else if (argc == 5 && strcmp(command, "sort") == 0) sort(argv[2], argv[3], argv[4]);
  else return 2;
  return 0;
}
