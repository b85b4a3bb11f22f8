#ifndef MIMOBOX_COMPILE_HELPER_H_
#define MIMOBOX_COMPILE_HELPER_H_

#include <optional>

namespace mimobox {

/// Makes a program its own compile helper (`RuntimeConfig::compile_helper`). To be called first in
/// main(), before there is a second thread:
///
///     if (auto status = mimobox::serve_as_compile_helper(argc, argv)) return *status;
///
/// nullopt when the process was not started as a helper. Else it has confined this process for
/// good, has done its one task, and says with which status to exit.
[[nodiscard]] std::optional<int> serve_as_compile_helper(int argc, const char* const* argv);

}  // namespace mimobox

#endif  // MIMOBOX_COMPILE_HELPER_H_
