// Writes every structure that WASI fills in as hex, with the bytes between its fields: they are 0xAA before each call,
// so what the host does not write stays that.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wasi/api.h>

static uint8_t memory[512];

static void tell(const char* name, int error, size_t size) {
  printf("%s %d ", name, error);
  for (size_t i = 0; i < size; i++) printf("%02x", memory[i]);
  printf("\n");
}

static void* fresh(void) {
  memset(memory, 0xAA, sizeof memory);
  return memory;
}

int main(void) {
  for (__wasi_fd_t fd = 0; fd < 5; fd++) {
    tell("fdstat", __wasi_fd_fdstat_get(fd, fresh()), 32);
    tell("prestat", __wasi_fd_prestat_get(fd, fresh()), 16);
    int error = __wasi_fd_filestat_get(fd, fresh());
    tell("filestat", error, 72);
  }
  __wasi_size_t* sizes = fresh();
  tell("args_sizes", __wasi_args_sizes_get(sizes, sizes + 1), 16);
  sizes = fresh();
  tell("environ_sizes", __wasi_environ_sizes_get(sizes, sizes + 1), 16);
  tell("clock_res", __wasi_clock_res_get(__WASI_CLOCKID_MONOTONIC, fresh()), 16);
  __wasi_subscription_t subscriptions[2];
  memset(subscriptions, 0xAA, sizeof subscriptions);
  for (int i = 0; i < 2; i++) {
    subscriptions[i].userdata = (uint64_t)i;
    subscriptions[i].u.tag = i == 0 ? __WASI_EVENTTYPE_FD_WRITE : __WASI_EVENTTYPE_CLOCK;
    if (i == 0) subscriptions[i].u.u.fd_write.file_descriptor = 77;
    if (i == 1) {
      subscriptions[i].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
      subscriptions[i].u.u.clock.timeout = 0;
      subscriptions[i].u.u.clock.flags = 0;
    }
  }
  __wasi_size_t count = 0;
  int error = __wasi_poll_oneoff(subscriptions, fresh(), 2, &count);
  tell("events", error, 96);
  return 0;
}
