#include "base/processor.h"

#include <sys/auxv.h>

namespace mimobox::base {
namespace {

#if defined(__x86_64__)
/// CPUID's leaf as hexadecimal numbers.
std::string leaf(unsigned number) {
  unsigned a = number;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  asm("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  if (number == 1) b = 0;  // which processor is asked, not what it can
  std::string text;
  for (const unsigned value : {a, b, c, d})
    text += " " + std::to_string(value);
  return text;
}
#endif

}  // namespace

std::string processor_features() {
  std::string text =
      std::to_string(::getauxval(AT_HWCAP)) + " " + std::to_string(::getauxval(AT_HWCAP2));
#if defined(__x86_64__)
  for (const unsigned number : {1U, 7U})
    text += leaf(number);
#endif
  return text;
}

}  // namespace mimobox::base
