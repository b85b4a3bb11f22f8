// Counts the lines of every file in a folder and writes a report. Usage: index_files IN_FOLDER REPORT

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static long count_lines(const char* path) {
  FILE* file = fopen(path, "r");
  if (file == NULL) return -1;
  long lines = 0;
  for (int c = getc(file); c != EOF; c = getc(file)) lines += c == '\n';
  fclose(file);
  return lines;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: index_files IN_FOLDER REPORT\n");
    return 2;
  }
  DIR* folder = opendir(argv[1]);
  FILE* report = fopen(argv[2], "w");
  if (folder == NULL || report == NULL) {
    fprintf(stderr, "index_files: %s\n", strerror(errno));
    return 1;
  }
  int files = 0;
  for (struct dirent* entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
    const long lines = entry->d_type == DT_REG ? count_lines(path) : -1;
    if (lines < 0) continue;
    fprintf(report, "%s %ld\n", entry->d_name, lines);
    ++files;
  }
  closedir(folder);
  if (fclose(report) != 0) return 1;
  printf("%d files\n", files);
  return 0;
}
