// Each call on sockets on every kind of descriptor and on numbers that are none; says which one did not fail.
#include <stdint.h>
#include <stdio.h>
#include <wasi/api.h>

int main(void) {
  static const __wasi_fd_t fds[] = {0, 1, 2, 3, 4, 1000, UINT32_MAX};
  uint8_t bytes[8] = {0};
  int worked = 0;
  for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
    __wasi_fd_t fd = fds[i];
    __wasi_fd_t accepted;
    __wasi_size_t size;
    __wasi_roflags_t flags;
    __wasi_iovec_t in = {bytes, sizeof bytes};
    __wasi_ciovec_t out = {bytes, sizeof bytes};
    int errors[] = {
        __wasi_sock_accept(fd, 0, &accepted),
        __wasi_sock_recv(fd, &in, 1, 0, &size, &flags),
        __wasi_sock_send(fd, &out, 1, 0, &size),
        __wasi_sock_shutdown(fd, __WASI_SDFLAGS_RD),
    };
    for (size_t call = 0; call < 4; call++) {
      if (errors[call] != __WASI_ERRNO_BADF && errors[call] != __WASI_ERRNO_NOTSOCK) {
        printf("call %zu on %u: %d\n", call, fd, errors[call]);
        worked++;
      }
    }
  }
  return worked;
}
