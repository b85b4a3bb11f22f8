// Calls the host for ever with something that never blocks.
#include <sched.h>

int main(void) {
  while (sched_yield() == 0) {
  }
  return 2;
}
