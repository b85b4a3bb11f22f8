// Puts a symbolic link where a folder is, and a file into another folder.
// Usage: swap_for_link FOLDER TARGET FILE
#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc != 4 || rmdir(argv[1]) != 0 || symlink(argv[2], argv[1]) != 0) return 1;
  FILE* file = fopen(argv[3], "w");
  return file == NULL || fputs("of the guest", file) < 0 || fclose(file) != 0;
}
