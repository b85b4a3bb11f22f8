// Straight-line integer work: SHA-256's compression of 12 MiB (FIPS 180-4, without padding).
#include <stdint.h>
#include <stdio.h>

static uint32_t k[64];
static uint32_t h[8];

static uint32_t rotr(uint32_t x, int n) {
  return (x >> n) | (x << (32 - n));
}

// The constants are fractional parts of cube and square roots of primes; any will do for the time.
static void init(void) {
  uint32_t x = 0x428a2f98;
  for (int i = 0; i < 64; ++i)
    k[i] = x = x * 1664525 + 1013904223;
  for (int i = 0; i < 8; ++i)
    h[i] = x = x * 1664525 + 1013904223;
}

static void compress(const uint32_t* block) {
  uint32_t w[64];
  uint32_t s[8];
  for (int i = 0; i < 16; ++i)
    w[i] = block[i];
  for (int i = 16; i < 64; ++i) {
    const uint32_t s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const uint32_t s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  for (int i = 0; i < 8; ++i)
    s[i] = h[i];
  for (int i = 0; i < 64; ++i) {
    const uint32_t s1 = rotr(s[4], 6) ^ rotr(s[4], 11) ^ rotr(s[4], 25);
    const uint32_t t1 = s[7] + s1 + ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
    const uint32_t s0 = rotr(s[0], 2) ^ rotr(s[0], 13) ^ rotr(s[0], 22);
    const uint32_t t2 = s0 + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    s[7] = s[6];
    s[6] = s[5];
    s[5] = s[4];
    s[4] = s[3] + t1;
    s[3] = s[2];
    s[2] = s[1];
    s[1] = s[0];
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; ++i)
    h[i] += s[i];
}

int main(void) {
  uint32_t block[16] = {0};
  init();
  for (uint32_t i = 0; i < (12U << 20) / 64; ++i) {
    block[i % 16] = i;
    compress(block);
  }
  printf("%08x\n", (unsigned)h[0]);
  return 0;
}
