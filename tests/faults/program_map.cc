#include "tests/faults/program_map.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

// The kernel is asked directly where the library replaces a function of libc.

namespace mimobox::faults {
namespace {

struct Function {
  std::uintptr_t begin;
  std::uintptr_t end;
};

Function* ours = nullptr;
std::size_t ours_count = 0;
std::uintptr_t program_begin = 0;
std::uintptr_t program_end = 0;

void* map(std::size_t size, int protection, int flags, int fd) {
  const long address = ::syscall(SYS_mmap, nullptr, size, protection, flags, fd, 0);
  return address < 0 && address > -4096 ? nullptr : reinterpret_cast<void*>(address);
}

/// Functions of the project's namespace, lambdas and instantiations over its types, but not those
/// of the tests.
bool is_ours(const char* name) {
  return std::strstr(name, "7mimobox") != nullptr &&
         std::strstr(name, "7mimobox7testing") == nullptr &&
         std::strstr(name, "7mimobox6faults") == nullptr;
}

int note_program(dl_phdr_info* object, std::size_t /*size*/, void* base) {
  *static_cast<std::uintptr_t*>(base) = object->dlpi_addr;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& part = object->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
    program_begin = object->dlpi_addr + part.p_vaddr;
    program_end = program_begin + part.p_memsz;
  }
  return 1;  // the first object is the program
}

void read_symbols(const std::byte* file, std::uintptr_t base) {
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file);
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(file + header->e_shoff);
  for (int i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type != SHT_SYMTAB) continue;
    const auto* symbols = reinterpret_cast<const Elf64_Sym*>(file + sections[i].sh_offset);
    const std::size_t count = sections[i].sh_size / sizeof(Elf64_Sym);
    const auto* names =
        reinterpret_cast<const char*>(file + sections[sections[i].sh_link].sh_offset);
    ours = static_cast<Function*>(
        map(count * sizeof(Function) + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1));
    if (ours == nullptr) return;
    for (std::size_t symbol = 0; symbol < count; ++symbol) {
      const Elf64_Sym& one = symbols[symbol];
      if (ELF64_ST_TYPE(one.st_info) != STT_FUNC || one.st_size == 0) continue;
      if (!is_ours(names + one.st_name)) continue;
      ours[ours_count++] = {base + one.st_value, base + one.st_value + one.st_size};
    }
    std::sort(ours, ours + ours_count,
              [](const Function& a, const Function& b) { return a.begin < b.begin; });
    return;
  }
}

}  // namespace

void read_program_map() {
  std::uintptr_t base = 0;
  ::dl_iterate_phdr(note_program, &base);
  const long fd = ::syscall(SYS_openat, AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  struct stat status{};
  if (::fstat(static_cast<int>(fd), &status) == 0) {
    const auto size = static_cast<std::size_t>(status.st_size);
    if (void* const file = map(size, PROT_READ, MAP_PRIVATE, static_cast<int>(fd))) {
      read_symbols(static_cast<const std::byte*>(file), base);
      ::syscall(SYS_munmap, file, size);
    }
  }
  ::syscall(SYS_close, fd);
}

Caller caller_of(const void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  if (at < program_begin || at > program_end || ours_count == 0) return Caller::kElsewhere;
  // A return address stands behind the call, which may be the last instruction of its function.
  const auto* const after =
      std::upper_bound(ours, ours + ours_count, at - 1,
                       [](std::uintptr_t wanted, const Function& f) { return wanted < f.begin; });
  if (after != ours && at - 1 < (after - 1)->end) return Caller::kOurs;
  return Caller::kEngine;
}

long known_functions() {
  return static_cast<long>(ours_count);
}

}  // namespace mimobox::faults
