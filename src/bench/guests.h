#ifndef MIMOBOX_BENCH_GUESTS_H_
#define MIMOBOX_BENCH_GUESTS_H_

#include <cstddef>
#include <span>

// The modules of guests/*.c and of examples/guests/wordcount.c, as the build made them; there only
// where MIMOBOX_BENCH_GUESTS is defined.

namespace mimobox::bench::guests {

[[nodiscard]] std::span<const std::byte> nothing();
[[nodiscard]] std::span<const std::byte> print();
[[nodiscard]] std::span<const std::byte> fib();
[[nodiscard]] std::span<const std::byte> touch_memory();
[[nodiscard]] std::span<const std::byte> copy_memory();
[[nodiscard]] std::span<const std::byte> wordcount();
[[nodiscard]] std::span<const std::byte> small_files();
[[nodiscard]] std::span<const std::byte> use_all_memory();

}  // namespace mimobox::bench::guests

#endif  // MIMOBOX_BENCH_GUESTS_H_
