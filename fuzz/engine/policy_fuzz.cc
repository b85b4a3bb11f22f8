// Any text as a policy. What is accepted can be printed and read back as the same; what is refused
// says where.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mimobox/policy.h"
#include "mimobox/settings.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto policy = mimobox::parse_policy({reinterpret_cast<const char*>(data), size}, "policy");
  if (!policy) {
    require(policy.error().message.starts_with("policy:"));
    return 0;
  }
  require(policy->sandbox.validate().has_value() && policy->runtime.validate().has_value());
  const auto again = mimobox::parse_policy(mimobox::format_policy(*policy));
  require(again.has_value() && again->sandbox == policy->sandbox);
  for (const auto& setting : mimobox::runtime_settings())
    require(setting.get(again->runtime) == setting.get(policy->runtime));
  return 0;
}
