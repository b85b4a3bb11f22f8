// Prints one line by way of stdio.
#include <stdio.h>

int main(void) {
  return printf("hello, number %d\n", 42) > 0 ? 0 : 1;
}
