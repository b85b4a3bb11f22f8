// Calls only: the 30th Fibonacci number by the definition.
static __attribute__((noinline)) unsigned fib(unsigned n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(void) {
  volatile unsigned n = 30;
  return fib(n) == 832040 ? 0 : 1;
}
