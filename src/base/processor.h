#ifndef MIMOBOX_BASE_PROCESSOR_H_
#define MIMOBOX_BASE_PROCESSOR_H_

#include <string>

namespace mimobox::base {

/// What compilers choose instructions by on this processor: the same text on processors that are
/// alike in that. Takes no system call.
[[nodiscard]] std::string processor_features();

/// How many processors this thread may run on, at least 1. One system call, where
/// `std::thread::hardware_concurrency()` reads a file.
[[nodiscard]] unsigned usable_processors() noexcept;

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_PROCESSOR_H_
