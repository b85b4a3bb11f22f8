#ifndef MIMOBOX_TESTS_COUNTS_SYSTEM_CALLS_H_
#define MIMOBOX_TESTS_COUNTS_SYSTEM_CALLS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace mimobox::testing {

/// How often each system call (by number) is made while `measured` runs in a child process, on the
/// thread that runs it, after `prepare` has run there. Nothing where a process may not trace its
/// child.
[[nodiscard]] std::optional<std::map<std::uint64_t, std::uint64_t>> count_system_calls(
    const std::function<void()>& prepare, const std::function<void()>& measured);

}  // namespace mimobox::testing

#endif  // MIMOBOX_TESTS_COUNTS_SYSTEM_CALLS_H_
