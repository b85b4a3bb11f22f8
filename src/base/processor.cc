#include "base/processor.h"

#include <sched.h>
#include <sys/auxv.h>
#if defined(__x86_64__)
#if defined(__clang__)
// glibc's header says _Bool in C++ too, which clang knows in its GNU modes only.
#define _Bool bool  // NOLINT(bugprone-reserved-identifier,readability-identifier-naming)
#endif
#include <sys/platform/x86.h>
#if defined(__clang__)
#undef _Bool
#endif
#endif

#include <algorithm>
#include <thread>

namespace mimobox::base {
namespace {

#if defined(__x86_64__)
/// What CPUID said when the C library asked, as numbers: the instruction itself ends in
/// the hypervisor of a virtual machine, each time.
std::string leaf(unsigned index) {
  const cpuid_feature* const said = __x86_get_cpuid_feature_leaf(index);
  std::string text;
  for (unsigned number = 0; number < 4; ++number) {
    constexpr unsigned kEbx = 1;  // of leaf 1: which processor was asked, not what it can
    if (index == CPUID_INDEX_1 && number == kEbx) continue;
    text += " " + std::to_string(said->cpuid_array[number]);
  }
  return text;
}
#endif

}  // namespace

std::string processor_features() {
  std::string text =
      std::to_string(::getauxval(AT_HWCAP)) + " " + std::to_string(::getauxval(AT_HWCAP2));
#if defined(__x86_64__)
  for (const unsigned index : {CPUID_INDEX_1, CPUID_INDEX_7})
    text += leaf(index);
#endif
  return text;
}

unsigned usable_processors() noexcept {
  cpu_set_t processors;
  if (::sched_getaffinity(0, sizeof processors, &processors) != 0) {
    // More of them than fit.
    return std::max(1U, std::thread::hardware_concurrency());
  }
  return std::max(1U, static_cast<unsigned>(CPU_COUNT(&processors)));
}

}  // namespace mimobox::base
