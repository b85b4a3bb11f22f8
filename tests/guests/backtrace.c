// Divides by zero three calls deep, with debug information.
// guest-flags: -g -O1 -ffile-prefix-map=.=.
#include <stdio.h>

__attribute__((noinline)) static int divide(int a, int b) {
  return a / b;  // line 6
}

__attribute__((noinline)) static int middle(int b) {
  return divide(7, b) + 1;  // line 10
}

int main(int argc, char **argv) {
  (void)argv;
  printf("%d\n", middle(argc - 1));  // line 15
  return 0;
}
