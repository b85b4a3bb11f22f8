// Where the kernel enters the command, before the C library: a static-pie relocates itself, and
// writing to the pages of its data one by one costs a fault each, a hundred of them. Here one call
// has them all.
//
// Nothing is relocated yet and there is no thread-local storage: no string, no table, no library
// call.
#include <elf.h>
#include <link.h>
#include <linux/mman.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>

extern "C" {

/// The file's header, where it was mapped; defined by the linker.
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/// What cannot be done, on kernels before 5.14 for one, is done by the faults.
[[gnu::used, gnu::no_stack_protector]] static void populate_data() noexcept {
  constexpr std::uintptr_t kPageMask = 4095;
  const auto base = reinterpret_cast<std::uintptr_t>(&__ehdr_start);
  const auto* const headers = reinterpret_cast<const ElfW(Phdr)*>(base + __ehdr_start.e_phoff);
  for (std::size_t i = 0; i < __ehdr_start.e_phnum; ++i) {
    if (headers[i].p_type != PT_LOAD || (headers[i].p_flags & PF_W) == 0) continue;
    const std::uintptr_t begin = (base + headers[i].p_vaddr) & ~kPageMask;
    const std::uintptr_t end =
        (base + headers[i].p_vaddr + headers[i].p_memsz + kPageMask) & ~kPageMask;
    long result = SYS_madvise;
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(begin), "S"(end - begin), "d"(std::uintptr_t{MADV_POPULATE_WRITE})
                 : "rcx", "r11", "memory");
  }
}

// The kernel leaves the stack aligned, and in rdx what _start wants.
asm(R"(
  .text
  .globl mimobox_process_entry
  .type mimobox_process_entry, @function
mimobox_process_entry:
  endbr64
  pushq %rdx
  subq $8, %rsp
  call populate_data
  addq $8, %rsp
  popq %rdx
  jmp _start
  .size mimobox_process_entry, . - mimobox_process_entry
)");

}  // extern "C"
