#ifndef MIMOBOX_TESTS_SECURITY_CONFIGURATIONS_H_
#define MIMOBOX_TESTS_SECURITY_CONFIGURATIONS_H_

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {

/// One way of running guests that ships. A test of an attack holds in all of them.
struct Configuration {
  std::string name;
  RuntimeConfig runtime;
  SandboxConfig sandbox;

  friend void PrintTo(const Configuration& configuration, std::ostream* out) {
    *out << configuration.name;
  }
};

/// The one list of them. Whoever adds a choice to the public configuration that makes another
/// engine, other code or another way for paths adds it here.
[[nodiscard]] const std::vector<Configuration>& every_configuration();

/// A test of an attack, once for each configuration:
///
///     using Attack99 = EveryConfiguration;
///     MIMOBOX_IN_EVERY_CONFIGURATION(Attack99);
///     TEST_P(Attack99, IsHarmless) { ... run_guest("attack.wat") ... }
class EveryConfiguration : public ::testing::TestWithParam<Configuration> {
 protected:
  /// The configuration's runtime, made once for all tests of it.
  [[nodiscard]] const Runtime& runtime() const;
  /// The configuration's sandbox settings, for a test to change.
  [[nodiscard]] static SandboxConfig settings() { return GetParam().sandbox; }

  [[nodiscard]] std::unique_ptr<WasmSandbox> sandbox(SandboxConfig config = settings()) const;
  [[nodiscard]] Module guest(std::string_view file) const;
  [[nodiscard]] Result<Module> text(std::string_view module) const;
  [[nodiscard]] Result<RunResult> run(std::string_view file, const RunRequest& request = {},
                                      const SandboxConfig& config = settings()) const;
};

#define MIMOBOX_IN_EVERY_CONFIGURATION(suite)                \
  INSTANTIATE_TEST_SUITE_P(                                  \
      In, suite, ::testing::ValuesIn(every_configuration()), \
      [](const auto& parameter) { return std::string(parameter.param.name); })

}  // namespace mimobox::testing

#endif  // MIMOBOX_TESTS_SECURITY_CONFIGURATIONS_H_
