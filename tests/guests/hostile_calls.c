// Calls of WASI with pointers, lengths and counts that no compiler makes. Usage: hostile_calls CASE. Says each answer
// that is not the one expected; the exit code is how many those were.
// guest-flags: -Wl,--initial-memory=1048576 -Wl,--max-memory=1048576
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int32_t name
WASI(fd_write)(uint32_t fd, uint32_t iovs, uint32_t count, uint32_t written);
WASI(fd_read)(uint32_t fd, uint32_t iovs, uint32_t count, uint32_t read);
WASI(random_get)(uint32_t at, uint32_t size);
WASI(args_get)(uint32_t argv, uint32_t buffer);
WASI(args_sizes_get)(uint32_t count, uint32_t size);
WASI(environ_get)(uint32_t environ, uint32_t buffer);
WASI(environ_sizes_get)(uint32_t count, uint32_t size);
WASI(clock_time_get)(uint32_t clock, uint64_t precision, uint32_t at);
WASI(fd_fdstat_get)(uint32_t fd, uint32_t at);
WASI(fd_prestat_get)(uint32_t fd, uint32_t at);
WASI(fd_readdir)(uint32_t fd, uint32_t buffer, uint32_t size, uint64_t cookie, uint32_t used);
WASI(path_open)(uint32_t fd, uint32_t dirflags, uint32_t path, uint32_t length, uint32_t oflags, uint64_t rights,
                uint64_t inheriting, uint32_t fdflags, uint32_t opened);
WASI(path_filestat_get)(uint32_t fd, uint32_t flags, uint32_t path, uint32_t length, uint32_t at);
WASI(path_create_directory)(uint32_t fd, uint32_t path, uint32_t length);
WASI(poll_oneoff)(uint32_t in, uint32_t out, uint32_t count, uint32_t events);

enum { kOk = 0, kFault = 21, kIlseq = 25, kInval = 28, kNametoolong = 37, kNoent = 44, kPerm = 63, kAny = -1, kFails = -2 };

static int wrong;
static uint32_t end;

static void want(const char* what, int32_t answer, int32_t expected) {
  int good = expected == kAny || (expected == kFails ? answer > 0 && answer <= 76 : answer == expected);
  if (good) return;
  printf("%s: %d, expected %d\n", what, answer, expected);
  wrong++;
}
#define WANT(call, expected) want(#call, call, expected)

static uint32_t at(const void* pointer) { return (uint32_t)(uintptr_t)pointer; }

static char* last_bytes(uint32_t count) { return (char*)(uintptr_t)(end - count); }

static uint32_t iovec[8];
static uint32_t result;

static uint32_t one(uint32_t pointer, uint32_t length) {
  iovec[0] = pointer;
  iovec[1] = length;
  return at(iovec);
}

static void buffers(void) {
  WANT(fd_write(2, at(iovec), 1u << 26, at(&result)), kFails);
  WANT(fd_read(0, at(iovec), 1u << 26, at(&result)), kFails);
  WANT(fd_write(2, at(iovec), UINT32_MAX, at(&result)), kFails);
  WANT(fd_write(2, one(0, UINT32_MAX), 1, at(&result)), kFault);
  WANT(fd_read(0, one(0, UINT32_MAX), 1, at(&result)), kFault);
  WANT(fd_write(2, one(UINT32_MAX, 2), 1, at(&result)), kFault);
  WANT(fd_write(2, one(end - 1, 2), 1, at(&result)), kFault);
  WANT(fd_write(2, one(end - 1, 1), 1, at(&result)), kOk);
  WANT(fd_write(2, one(end, 0), 1, at(&result)), kOk);
  // The array is its own buffer; what was an iovec becomes data, and only once.
  WANT(fd_read(0, one(at(iovec), sizeof iovec), 1, at(&result)), kOk);
  if (result != sizeof iovec || memcmp(iovec, "iiiiiiii", 8) != 0) want("bytes read over the array", (int32_t)result, 32);
  // 1024 buffers that all are the same megabyte: 1 GiB in one call would be wrong for a read of what is left.
  static uint32_t many[2048];
  for (int i = 0; i < 2048; i += 2) many[i] = at(many), many[i + 1] = 4;
  WANT(fd_read(0, at(many), 1024, at(&result)), kOk);
}

static void pointers(void) {
  const uint32_t bad[] = {UINT32_MAX, UINT32_MAX - 7, end - 1, end, 0x80000000};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    WANT(clock_time_get(1, 0, bad[i]), kFault);
    WANT(fd_fdstat_get(1, bad[i]), kFault);
    WANT(args_sizes_get(bad[i], at(&result)), kFault);
    WANT(args_sizes_get(at(&result), bad[i]), kFault);
    WANT(fd_write(2, bad[i], 1, at(&result)), kFault);
    WANT(fd_write(2, one(at("x"), 1), 1, bad[i]), kFault);
    WANT(poll_oneoff(bad[i], at(iovec), 1, at(&result)), kFault);
  }
  char* odd = last_bytes(9);
  WANT(clock_time_get(1, 0, at(odd) + 1), kOk);
  // The result lands in the array that is being read.
  one(at("x"), 1);
  WANT(fd_write(2, at(iovec), 1, at(iovec)), kOk);
  if (iovec[0] != 1) want("bytes written", (int32_t)iovec[0], 1);
}

static void randomness(void) {
  WANT(random_get(0, UINT32_MAX), kFault);
  WANT(random_get(1, end), kFault);
  WANT(random_get(end, 0), kOk);
  for (;;) {
    if (random_get(at(last_bytes(65536 * 4)), 65536 * 4) != kOk) exit(99);
  }
}

static void strings(void) {
  uint32_t count = 0, size = 0;
  WANT(args_sizes_get(at(&count), at(&size)), kOk);
  WANT(args_get(at(last_bytes(size + 4 * count)), at(last_bytes(size))), kOk);
  WANT(args_get(at(last_bytes(size + 4 * count)), at(last_bytes(size - 1))), kFault);
  WANT(args_get(at(last_bytes(4 * count - 1)), at(last_bytes(size + 100))), kFault);
  WANT(args_get(UINT32_MAX, UINT32_MAX), kFault);
  WANT(environ_sizes_get(at(&count), at(&size)), kOk);
  if (size < 65536) want("bytes of environment", (int32_t)size, 65536);
  char* buffer = last_bytes(size);
  WANT(environ_get(at(last_bytes(size + 4 * count)), at(buffer)), kOk);
  if (strncmp(buffer, "A=b=c", 6) != 0) want(buffer, 0, 0);
  if ((unsigned char)buffer[8] != 0xFF) want("a byte that is no text", buffer[8], 0xFF);
  WANT(environ_get(at(last_bytes(size + 4 * count)), at(buffer) + 1), kFault);
}

static void paths(void) {
  char* long_path = last_bytes(400000);
  memset(long_path, 'a', 400000);
  char* slashes = last_bytes(4095);
  const struct {
    uint32_t path, length;
    int32_t expected;
  } tried[] = {
      {at(long_path), 0, kNoent},        {at(long_path), 256, kNametoolong}, {at(long_path), 4096, kNametoolong},
      {at(long_path), 390000, kNametoolong}, {at("a\0b"), 3, kInval},        {at("\xff\xfe"), 2, kIlseq},
      {at("\xc3"), 1, kIlseq},           {0, UINT32_MAX, kFails},            {end - 1, 2, kFault},
      {UINT32_MAX, 1, kFault},
  };
  for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
    uint32_t path = tried[i].path, length = tried[i].length;
    char name[32];
    snprintf(name, sizeof name, "path %zu", i);
    want(name, path_filestat_get(3, 1, path, length, at(iovec)), tried[i].expected);
    want(name, path_create_directory(3, path, length), tried[i].expected);
    want(name, path_open(3, 1, path, length, 1, 2, 0, 0, at(&result)), tried[i].expected);
  }
  memset(slashes, '/', 4095);
  WANT(path_filestat_get(3, 1, at(slashes), 4095, at(iovec)), kFails);
  WANT(path_open(3, 1, at(slashes), 1, 0, 2, 0, 0, at(&result)), kFails);
}

struct subscription {
  uint64_t userdata;
  uint8_t type, unused[7];
  uint32_t id, padding;
  uint64_t timeout, precision;
  uint16_t flags, unused2[3];
};

static void polls(void) {
  static struct subscription in[64];
  static uint8_t out[64 * 32];
  WANT(poll_oneoff(at(in), at(out), 0, at(&result)), kInval);
  WANT(poll_oneoff(at(in), at(out), 1u << 28, at(&result)), kFails);
  WANT(poll_oneoff(at(in), at(out), UINT32_MAX, at(&result)), kFails);
  for (int i = 0; i < 64; i++) in[i] = (struct subscription){.userdata = 7, .type = 2, .id = 1};
  WANT(poll_oneoff(at(in), at(out), 64, at(&result)), kOk);
  if (result != 64) want("events of one descriptor 64 times", (int32_t)result, 64);
  in[0] = (struct subscription){.type = 0, .id = 77};
  WANT(poll_oneoff(at(in), at(out), 1, at(&result)), kAny);
  in[0] = (struct subscription){.type = 9};
  WANT(poll_oneoff(at(in), at(out), 1, at(&result)), kInval);
  in[0] = (struct subscription){.type = 1, .id = UINT32_MAX};
  WANT(poll_oneoff(at(in), at(out), 1, at(&result)), kOk);
  if (out[8] != 8) want("error in the event", out[8], 8);
}

static void listing(void) {
  char* byte = last_bytes(1);
  static const uint64_t cookies[] = {0, 1, 2, 3, 1000, 1ull << 32, 1ull << 63, UINT64_MAX};
  for (size_t i = 0; i < sizeof cookies / sizeof cookies[0]; i++) {
    result = 77;
    WANT(fd_readdir(3, at(byte), 1, cookies[i], at(&result)), kAny);
    if (result > 1 && result != 77) want("bytes of a listing into one byte", (int32_t)result, 1);
    WANT(fd_readdir(3, at(byte), 2, cookies[i], at(&result)), kFault);
    WANT(fd_readdir(3, at(byte), UINT32_MAX, cookies[i], at(&result)), kFault);
    WANT(fd_readdir(0, at(byte), 1, cookies[i], at(&result)), kFails);
  }
  WANT(fd_readdir(3, at(byte), 0, 0, at(&result)), kOk);
  for (int i = 0; i < 200; i++) {
    char name[16];
    snprintf(name, sizeof name, "file%d", i);
    uint32_t fd;
    WANT(path_open(3, 0, at(name), (uint32_t)strlen(name), 1, 64, 0, 0, at(&fd)), i < 150 ? kOk : kAny);
    char entry[64];
    WANT(fd_readdir(3, at(entry), sizeof entry, (uint64_t)i, at(&result)), kOk);
    if (result > sizeof entry) want("bytes of a listing", (int32_t)result, sizeof entry);
  }
}

int main(int argc, char** argv) {
  end = (uint32_t)__builtin_wasm_memory_size(0) * 65536;
  const int number = argc > 1 ? atoi(argv[1]) : 0;
  switch (number) {
    case 17: buffers(); break;
    case 18: pointers(); break;
    case 19: randomness(); break;
    case 20: strings(); break;
    case 21: paths(); break;
    case 22: polls(); break;
    case 23: listing(); break;
    default: return 125;
  }
  return wrong;
}
