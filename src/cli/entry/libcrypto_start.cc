// libcrypto asks the processor what it can do, in a constructor that is in every program which it
// is linked into: six CPUID instructions, each of which ends in the hypervisor of a virtual
// machine. The one thing that SHA-256 wants to know, the C library knows already.
#if defined(__clang__)
// glibc's header says _Bool in C++ too, which clang knows in its GNU modes only.
#define _Bool bool
#endif
#include <sys/platform/x86.h>
#if defined(__clang__)
#undef _Bool
#endif

extern "C" {

/// libcrypto's own record: word 2 is what CPUID 7 says in EBX.
extern unsigned OPENSSL_ia32cap_P[] __attribute__((visibility("hidden")));

void __real_OPENSSL_cpuid_setup();

/// In the place of that constructor (the linker's --wrap). All that is left at 0 is not used.
void __wrap_OPENSSL_cpuid_setup();
void __wrap_OPENSSL_cpuid_setup() {
  constexpr unsigned kSha = 1U << 29U;
  if (CPU_FEATURE_ACTIVE(SHA) && CPU_FEATURE_ACTIVE(SSSE3) && CPU_FEATURE_ACTIVE(SSE4_1)) {
    OPENSSL_ia32cap_P[2] = kSha;
  } else {
    __real_OPENSSL_cpuid_setup();
  }
}

}  // extern "C"
