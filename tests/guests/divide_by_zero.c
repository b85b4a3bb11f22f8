// Divides by zero, which is a trap in WebAssembly.
int main(int argc, char** argv) {
  (void)argv;
  volatile int one = argc;
  volatile int zero = argc - argc;
  return one / zero;
}
