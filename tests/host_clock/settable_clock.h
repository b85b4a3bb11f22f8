#ifndef MIMOBOX_TESTS_HOST_CLOCK_SETTABLE_CLOCK_H_
#define MIMOBOX_TESTS_HOST_CLOCK_SETTABLE_CLOCK_H_

#include <chrono>

namespace mimobox::testing {

/// Sets this process's wall clock so far ahead of the machine's, which stays as it is. All of the
/// program and the libraries that it is linked with read the time of day by the functions of
/// settable_clock.cc.
void set_host_clock(std::chrono::seconds ahead);

}  // namespace mimobox::testing

#endif  // MIMOBOX_TESTS_HOST_CLOCK_SETTABLE_CLOCK_H_
