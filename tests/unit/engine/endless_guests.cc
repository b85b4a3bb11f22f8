#include "tests/unit/engine/endless_guests.h"

namespace mimobox::engine::testing {
namespace {

constexpr EndlessGuest kGuests[] = {
    {"tight_loop", R"((module (func (export "_start") (loop $l (br $l)))))"},
    {"counting_loop", R"((module (global $n (mut i64) (i64.const 0))
      (func (export "_start") (loop $l (global.set $n (i64.add (global.get $n) (i64.const 1))) (br $l)))))"},
    {"recursion", R"((module
      (func $fib (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
          (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                         (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
      (func (export "_start") (loop $l (drop (call $fib (i32.const 20))) (br $l)))))"},
    {"indirect_calls", R"((module (type $t (func (param i64) (result i64)))
      (table funcref (elem $a $b $c))
      (func $a (param i64) (result i64) (i64.add (local.get 0) (i64.const 1)))
      (func $b (param i64) (result i64) (i64.mul (local.get 0) (i64.const 3)))
      (func $c (param i64) (result i64)
        (call_indirect (type $t) (local.get 0) (i32.wrap_i64 (i64.and (local.get 0) (i64.const 1)))))
      (func (export "_start") (local i64)
        (loop $l (local.set 0 (call_indirect (type $t) (local.get 0)
                   (i32.rem_u (i32.wrap_i64 (local.get 0)) (i32.const 3)))) (br $l)))))"},
    // The prologue of $f, whose tail call needs more arguments than it has itself, has no frame to
    // walk for some instructions.
    {"tail_calls_that_grow", R"((module (global $s (mut i64) (i64.const 0))
      (func $junk2 (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
        (result i64) (i64.add (local.get 0) (local.get 19)))
      (func $junk (result i64) (call $junk2
        (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1)
        (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1)
        (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1)))
      (func $g (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
        (i64.add (local.get 0) (local.get 15)))
      (func $f (result i64) (return_call $g
        (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1)
        (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1)
        (i64.const 1) (i64.const 1)))
      (func (export "_start")
        (loop $l (global.set $s (i64.add (global.get $s) (call $junk)))
                 (global.set $s (i64.add (global.get $s) (call $f))) (br $l)))))"},
    {"tail_calls_that_shrink", R"((module
      (func $one (param i64) (return_call $nine (local.get 0) (local.get 0) (local.get 0) (local.get 0)
        (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0)))
      (func $nine (param i64 i64 i64 i64 i64 i64 i64 i64 i64)
        (return_call $fifteen (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)
          (local.get 5) (local.get 6) (local.get 7) (local.get 8) (local.get 8) (local.get 8)
          (local.get 8) (local.get 8) (local.get 8) (local.get 8)))
      (func $fifteen (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
        (return_call $one (i64.add (local.get 14) (i64.const 1))))
      (func (export "_start") (return_call $one (i64.const 0)))))"},
    {"deep_stack", R"((module
      (func $down (param i32) (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))
        (else (loop $l (br $l)))))
      (func (export "_start") (call $down (i32.const 12000)))))"},
    {"deep_and_shallow", R"((module
      (func $down (param i32) (result i32) (if (result i32) (local.get 0)
        (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
        (else (i32.const 0))))
      (func (export "_start") (loop $l (drop (call $down (i32.const 3000))) (br $l)))))"},
    {"stack_overflow", R"((module (global $n (mut i64) (i64.const 0))
      (func $down (param i64 i64 i64 i64) (result i64)
        (i64.add (call $down (local.get 1) (local.get 2) (local.get 3) (local.get 0)) (local.get 3)))
      (func (export "_start")
        (loop $l (global.set $n (i64.add (global.get $n) (i64.const 1)))
                 (br_if $l (i64.lt_u (global.get $n) (i64.const 50000))))
        (drop (call $down (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4))))))",
     true},
    {"memory_grow", R"((module (memory (export "memory") 1)
      (func (export "_start") (loop $l (drop (memory.grow (i32.const 1))) (br $l)))))"},
    {"memory_grow_0", R"((module (memory 1)
      (func (export "_start") (loop $l (drop (memory.grow (i32.const 0))) (br $l)))))"},
    {"memory_fill", R"((module (memory 16)
      (func (export "_start") (loop $l
        (memory.fill (i32.const 0) (i32.const 7) (i32.const 1048576)) (br $l)))))"},
    {"memory_fill_of_some_kib", R"((module (memory 16)
      (func (export "_start") (loop $l
        (memory.fill (i32.const 64) (i32.const 7) (i32.const 12000)) (br $l)))))"},
    {"memory_copy", R"((module (memory 16)
      (func (export "_start") (loop $l
        (memory.copy (i32.const 1000) (i32.const 0) (i32.const 1000000))
        (memory.copy (i32.const 0) (i32.const 1000) (i32.const 1000000)) (br $l)))))"},
    {"memory_init", R"((module (memory 16) (data $d "0123456789abcdef")
      (func (export "_start") (loop $l
        (memory.init $d (i32.const 5) (i32.const 0) (i32.const 16)) (br $l)))))"},
    {"data_drop", R"((module (memory 1) (data $d "0123456789abcdef")
      (func (export "_start") (loop $l (data.drop $d)
        (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (br $l)))))"},
    {"table_fill", R"((module (table $t 1000 funcref) (func $f) (elem declare func $f)
      (func (export "_start") (loop $l
        (table.fill $t (i32.const 0) (ref.func $f) (i32.const 1000)) (br $l)))))"},
    {"table_copy", R"((module (table $t 1000 funcref)
      (func (export "_start") (loop $l
        (table.copy (i32.const 1) (i32.const 0) (i32.const 999)) (br $l)))))"},
    {"table_copy_0", R"((module (table $t 10 funcref)
      (func (export "_start") (loop $l
        (table.copy (i32.const 1) (i32.const 0) (i32.const 0)) (br $l)))))"},
    {"table_init_0", R"((module (table $t 10 funcref) (func $f) (elem $e func $f $f)
      (func (export "_start") (loop $l
        (table.init $e (i32.const 1) (i32.const 0) (i32.const 0)) (br $l)))))"},
    {"table_init", R"((module (table $t 10 funcref) (func $f) (elem $e func $f $f $f $f)
      (func (export "_start") (loop $l
        (table.init $e (i32.const 1) (i32.const 0) (i32.const 4)) (br $l)))))"},
    {"table_grow_0", R"((module (table $t 10 funcref)
      (func (export "_start") (loop $l
        (drop (table.grow $t (ref.null func) (i32.const 0))) (br $l)))))"},
    {"elem_drop", R"((module (table $t 10 funcref) (func $f) (elem $e func $f $f)
      (func (export "_start") (loop $l (elem.drop $e) (br $l)))))"},
    {"ref_func", R"((module (table $t 10 funcref) (func $f) (elem declare func $f)
      (func (export "_start") (loop $l
        (table.set $t (i32.const 3) (ref.func $f)) (drop (table.get $t (i32.const 3))) (br $l)))))"},
    {"floats", R"((module (global $x (mut f64) (f64.const 1.5))
      (func (export "_start") (loop $l
        (global.set $x (f64.sqrt (f64.add (f64.mul (global.get $x) (f64.const 1.000001))
          (f64.nearest (f64.div (f64.const 10) (global.get $x)))))) (br $l)))))"},
    {"simd", R"((module (memory 1) (func (export "_start") (local v128)
      (loop $l (local.set 0 (i32x4.add (i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31
          (local.get 0) (v128.load (i32.const 16))) (i32x4.splat (i32.const 3))))
        (v128.store (i32.const 32) (f32x4.sqrt (f32x4.convert_i32x4_s (local.get 0)))) (br $l)))))"},
    {"host_calls", R"((module (import "test" "note" (func $note (param i64) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start") (loop $l (drop (call $note (i64.const 1))) (br $l)))))"},
    {"start_function", R"((module (global $n (mut i64) (i64.const 0))
      (func $begin (loop $l (global.set $n (i64.add (global.get $n) (i64.const 1))) (br $l)))
      (start $begin) (func (export "_start"))))"},
    {"bulk_in_start_function", R"((module (memory 256)
      (func $begin (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 16777216)) (br $l)))
      (start $begin) (func (export "_start"))))"},
    {"initialize", R"((module (func (export "_initialize") (loop $l (br $l)))
      (func (export "main"))))"},
};

/// A small generator, so that a seed gives the same module everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint32_t below(std::uint32_t bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>((state_ >> 33) % bound);
  }

 private:
  std::uint64_t state_;
};

constexpr std::uint32_t kFunctions = 24;

std::uint32_t parameters_of(std::uint32_t function, std::uint64_t seed) {
  return static_cast<std::uint32_t>((function * 2654435761ULL + seed * 40503) % 23);
}

std::string repeated(std::string_view text, std::uint32_t times) {
  std::string all;
  for (std::uint32_t i = 0; i < times; ++i)
    all += text;
  return all;
}

/// An i64 expression. Calls go to functions of higher numbers only, so that each ends.
std::string expression(Random& random, std::uint32_t function, std::uint64_t seed, int depth) {
  const std::uint32_t parameters = parameters_of(function, seed);
  const auto sub = [&] { return expression(random, function, seed, depth - 1); };
  const std::uint32_t kind = depth <= 0 ? random.below(2) : random.below(11);
  switch (kind) {
    case 0:
      return "(i64.const " + std::to_string(random.below(1000)) + ")";
    case 1:
      return "(local.get " + std::to_string(random.below(parameters + 2)) + ")";
    case 2:
      return "(i64.add " + sub() + sub() + ")";
    case 3:
      return "(i64.rotl (i64.mul " + sub() + sub() + ") (i64.const 7))";
    case 4:
      return "(i64.load (i32.and (i32.wrap_i64 " + sub() + ") (i32.const 65528)))";
    case 5:
      return "(if (result i64) (i64.lt_u " + sub() + sub() + ") (then " + sub() + ") (else " +
             sub() + "))";
    case 6:
      return "(i64.trunc_sat_f64_s (f64.sqrt (f64.convert_i64_u " + sub() + ")))";
    case 7:
      return "(i64x2.extract_lane 1 (i64x2.add (i64x2.splat " + sub() + ") (i64x2.splat " + sub() +
             ")))";
    case 8:
      return "(i64.extend_i32_s (memory.grow (i32.const 0)))";
    default:
      break;
  }
  if (function + 1 >= kFunctions) return sub();
  const std::uint32_t callee = function + 1 + random.below(kFunctions - function - 1);
  std::string arguments;
  for (std::uint32_t i = 0; i < parameters_of(callee, seed); ++i)
    arguments += "(local.get " + std::to_string(random.below(parameters + 2)) + ")";
  if (random.below(2) == 0) {
    return "(call $f" + std::to_string(callee) + " " + arguments + ")";
  }
  return "(call_indirect $all (type $t" + std::to_string(callee) + ") " + arguments +
         "(i32.const " + std::to_string(callee) + "))";
}

/// An operation on a part of the memory or of the table that may follow in a function; or nothing.
std::string bulk_statement(Random& random, std::uint32_t function) {
  const auto constant = [&](std::uint32_t bound) {
    return " (i32.const " + std::to_string(random.below(bound)) + ")";
  };
  switch (random.below(8)) {
    case 0:
      return "(memory.fill" + constant(60'000) + constant(256) + constant(5000) + ")\n";
    case 1:
      return "(memory.copy" + constant(60'000) + constant(60'000) + constant(5000) + ")\n";
    case 2:
      return "(table.fill $spare" + constant(50) + " (ref.func $f" + std::to_string(function) +
             ")" + constant(50) + ")\n";
    default:
      return "";
  }
}

}  // namespace

std::span<const EndlessGuest> endless_guests() {
  return kGuests;
}

std::string random_module(std::uint64_t seed) {
  Random random(seed);
  std::string text = "(module (memory 2) (table $all funcref (elem";
  for (std::uint32_t f = 0; f < kFunctions; ++f)
    text += " $f" + std::to_string(f);
  text += ")) (table $spare 100 funcref)\n";
  for (std::uint32_t f = 0; f < kFunctions; ++f) {
    const std::uint32_t count = parameters_of(f, seed);
    const std::string type =
        (count == 0 ? "" : "(param" + repeated(" i64", count) + ") ") + std::string("(result i64)");
    text += "(type $t" + std::to_string(f) + " (func " + type + "))\n";
    text += "(func $f" + std::to_string(f) + " " + type + " (local i64 i64)\n";
    text += "(local.set " + std::to_string(count) + " " + expression(random, f, seed, 3) + ")\n";
    text += "(i64.store (i32.const " + std::to_string(random.below(65528)) + ") " +
            expression(random, f, seed, 2) + ")\n";
    text += bulk_statement(random, f);
    if (f + 1 < kFunctions && random.below(2) == 0) {
      const std::uint32_t callee = f + 1 + random.below(kFunctions - f - 1);
      text += "(return_call $f" + std::to_string(callee) + " ";
      for (std::uint32_t i = 0; i < parameters_of(callee, seed); ++i)
        text += "(local.get " + std::to_string(random.below(count + 2)) + ")";
      text += "))\n";
    } else {
      text += expression(random, f, seed, 3) + ")\n";
    }
  }
  text += "(func (export \"_start\") (local i64) (loop $l (i64.store (i32.const 0) (call $f0 " +
          repeated("(local.get 0)", parameters_of(0, seed)) +
          ")) (local.set 0 (i64.add (local.get 0) (i64.const 1))) (br $l))))";
  return text;
}

std::string_view good_guest() {
  return R"((module (memory (export "memory") 40) (data (i32.const 100) "mimobox")
    (table $t 100 funcref) (elem (i32.const 3) $seven)
    (type $i (func (result i32)))
    (func $seven (result i32) (i32.const 7))
    (func $fib (param i32) (result i32)
      (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                       (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func $zero_between (param $from i32) (param $to i32) (result i32)
      (loop $l
        (if (i64.ne (i64.load (local.get $from)) (i64.const 0)) (then (return (i32.const 0))))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br_if $l (i32.lt_u (local.get $from) (local.get $to))))
      (i32.const 1))
    (func (export "main") (result i32)
      (if (i32.eqz (call $zero_between (i32.const 0) (i32.const 96))) (then (return (i32.const 1))))
      (if (i32.eqz (call $zero_between (i32.const 112) (i32.const 2621440)))
        (then (return (i32.const 2))))
      (if (i64.ne (i64.and (i64.load (i32.const 100)) (i64.const 0xffffffffffffff))
                  (i64.const 0x786f626f6d696d)) (then (return (i32.const 3))))
      (if (i32.ne (call $fib (i32.const 12)) (i32.const 144)) (then (return (i32.const 4))))
      (if (i32.ne (call_indirect (type $i) (i32.const 3)) (i32.const 7))
        (then (return (i32.const 5))))
      (if (i32.eqz (ref.is_null (table.get $t (i32.const 50)))) (then (return (i32.const 6))))
      (i32.const 42))))";
}

}  // namespace mimobox::engine::testing
