// Loops over floating-point numbers: the product of two matrices of 400 x 400.
#include <stdio.h>

enum { kSide = 400 };
static double a[kSide][kSide];
static double b[kSide][kSide];
static double c[kSide][kSide];

int main(void) {
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < kSide; ++j) {
      a[i][j] = i + 2 * j;
      b[i][j] = i - j;
    }
  }
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < kSide; ++j) {
      double sum = 0;
      for (int k = 0; k < kSide; ++k)
        sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  }
  printf("%g\n", c[17][391] + c[399][0]);
  return 0;
}
