#ifndef MIMOBOX_FUZZ_SUPPORT_STATEMENTS_H_
#define MIMOBOX_FUZZ_SUPPORT_STATEMENTS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "fuzz/support/expressions.h"

namespace mimobox::fuzz {

/// Writes instructions that leave the stack as it was, or end what they stand in.
class Statements : protected Expressions {
 protected:
  using Expressions::Expressions;

  void statements(std::uint32_t depth) final {
    for (std::uint32_t left = choices_.below(6); left > 0; --left)
      statement(depth);
  }

  /// Leaves the stack as it was.
  void statement(std::uint32_t depth) {
    ++written_;
    if (at_end(depth)) return;
    switch (choices_.below(20)) {
      case 0:
        return set_local(depth + 1);
      case 1:
      case 2:
        return set_global(depth + 1);
      case 3:
      case 4:
        return store(depth + 1);
      case 5:
        return block_of_statements(depth + 1);
      case 6:
      case 7:
        return counted_loop(depth + 1);
      case 8:
        return endless_loop(depth + 1);
      case 9:
        return branch_if(depth + 1);
      case 10:
        return branch_by_table(depth + 1);
      case 11:
      case 12:
        return call(depth + 1);
      case 13:
        return tail_call(depth + 1);
      case 14:
        return bulk_of_memory(depth + 1);
      case 15:
        return bulk_of_tables(depth + 1);
      case 16:
        return stream_call(depth + 1);
      case 17:
        return sleep();
      case 18:
        return host_call(depth + 1);
      default:
        return note(depth + 1);
    }
  }

  void set_local(std::uint32_t depth) {
    if (body_.locals.empty()) return;
    const auto most = static_cast<std::uint32_t>(std::min<std::size_t>(body_.locals.size(), 256));
    const std::uint32_t local = choices_.below(most);
    expression(body_.locals[local], depth);
    code().indexed(0x21, local);
  }
  void set_global(std::uint32_t depth) {
    const std::uint32_t global = choices_.below(static_cast<std::uint32_t>(globals_.size()));
    expression(globals_[global].type, depth);
    code().indexed(0x24, global);
  }
  /// What was computed goes into the exit code.
  void note(std::uint32_t depth) {
    code().indexed(0x23, 0);
    code().i32_const(31);
    code().byte(0x6C);
    expression(Type::kI32, depth);
    code().byte(0x6A);
    code().indexed(0x24, 0);
  }
  void store(std::uint32_t depth) {
    const std::uint32_t place = choices_.below(kStores.size() + 1);
    address(depth);
    if (place == kStores.size()) {
      expression(Type::kV128, depth);
      code().byte(0xFD);
      return code().access(0x0B, choices_.number<std::uint8_t>());
    }
    const Accesses& row = kStores.at(place);
    expression(row.type, depth);
    code().access(row.first + choices_.below(row.last - row.first + 1),
                  choices_.number<std::uint8_t>());
  }

  void open(std::uint32_t kind) {
    code().indexed(kind, kNothing);
    body_.labels.emplace_back();
  }
  void close() {
    body_.labels.pop_back();
    code().byte(0x0B);
  }
  void block_of_statements(std::uint32_t depth) {
    if (choices_.flag()) {
      expression(Type::kI32, depth);
      open(0x04);
      statements(depth);
      if (choices_.flag()) {
        code().byte(0x05);
        statements(depth);
      }
    } else {
      open(0x02);
      statements(depth);
    }
    close();
  }
  void counted_loop(std::uint32_t depth) {
    const auto counter = static_cast<std::uint32_t>(body_.locals.size());
    body_.locals.push_back(Type::kI32);
    code().i32_const(
        1 + (choices_.flag() ? choices_.number<std::uint16_t>() : choices_.number<std::uint8_t>()));
    code().indexed(0x21, counter);
    open(0x03);
    statements(depth);
    code().indexed(0x20, counter);
    code().i32_const(1);
    code().byte(0x6B);
    code().indexed(0x22, counter);
    code().indexed(0x0D, 0);
    close();
  }
  void endless_loop(std::uint32_t depth) {
    open(0x03);
    statements(depth);
    code().indexed(0x0C, 0);
    close();
  }
  void branch_if(std::uint32_t depth) {
    const std::uint32_t target = draw_label();
    const Types values = body_.labels[body_.labels.size() - 1 - target];
    all(values, depth);
    expression(Type::kI32, depth);
    code().indexed(0x0D, target);
    drop(values.size());
  }
  /// To labels that take the same.
  void branch_by_table(std::uint32_t depth) {
    const std::size_t last = body_.labels.size() - 1;
    const std::uint32_t fallback = draw_label();
    const Types values = body_.labels[last - fallback];
    std::vector<std::uint32_t> targets;
    for (std::uint32_t left = choices_.below(6); left > 0; --left) {
      const std::uint32_t target = draw_label();
      if (body_.labels[last - target] == values) targets.push_back(target);
    }
    // In a block of its own, since what follows it is never reached.
    open(0x02);
    all(values, depth);
    masked(depth, 7);
    code().indexed(0x0E, targets.size());
    for (const std::uint32_t target : targets)
      code().number(target + 1);
    code().number(fallback + 1);
    close();
  }

  void call(std::uint32_t depth) {
    const bool indirect = choices_.flag();
    const std::uint32_t function =
        choices_.below(static_cast<std::uint32_t>(indirect ? drawn_types_ : functions_.size()));
    const std::uint32_t type = indirect ? function : functions_[function];
    all(types_[type].parameters, depth);
    if (indirect) {
      by_table(0x11, type, depth);
    } else {
      code().indexed(0x10, index_of(function));
    }
    drop(types_[type].results.size());
  }
  void tail_call(std::uint32_t depth) {
    std::uint32_t function = 0;
    const Types& results = types_[body_.type].results;
    if (!draw_place(
            functions_.size(), [&](auto i) { return types_[functions_[i]].results == results; },
            &function))
      return;
    expression(Type::kI32, depth);
    open(0x04);
    all(types_[functions_[function]].parameters, depth);
    if (choices_.flag()) {
      by_table(0x13, functions_[function], depth);
    } else {
      code().indexed(0x12, index_of(function));
    }
    close();
  }

  void bulk_of_memory(std::uint32_t depth) {
    switch (choices_.below(4)) {
      case 0:
        address(depth);
        expression(Type::kI32, depth);
        length(depth);
        code().indexed(0xFC, 11);
        return code().byte(0);
      case 1:
        address(depth);
        address(depth);
        length(depth);
        code().indexed(0xFC, 10);
        code().byte(0);
        return code().byte(0);
      case 2:
        address(depth);
        masked(depth, 15);
        masked(depth, 15);
        code().indexed(0xFC, 8);
        code().number(1);
        return code().byte(0);
      default:
        code().indexed(0xFC, 9);
        return code().number(1);
    }
  }
  void bulk_of_tables(std::uint32_t depth) {
    const std::uint32_t table = draw_table();
    switch (choices_.below(5)) {
      case 0:
        masked(depth, 15);
        expression(Type::kFuncRef, depth);
        return code().indexed(0x26, table);
      case 1:
        masked(depth, 7);
        expression(Type::kFuncRef, depth);
        length(depth);
        code().indexed(0xFC, 17);
        return code().number(table);
      case 2:
        masked(depth, 7);
        masked(depth, 7);
        length(depth);
        code().indexed(0xFC, 14);
        code().number(table);
        return code().number(draw_table());
      case 3:
        masked(depth, 7);
        masked(depth, 3);
        masked(depth, 3);
        code().indexed(0xFC, 12);
        code().number(1);
        return code().number(table);
      default:
        code().indexed(0xFC, 13);
        return code().number(1);
    }
  }

  void call_host(std::uint32_t host) {
    code().indexed(0x10, host);
    if (hosts().at(host).has_result) drop(1);
  }
  /// A read or write with one buffer somewhere in memory.
  void stream_call(std::uint32_t depth) {
    const bool read = choices_.below(4) == 3;
    code().i32_const(32);
    address(depth);
    code().access(0x36, 0);
    code().i32_const(32);
    length(depth);
    code().access(0x36, 4);
    code().i32_const(read ? 0 : 1 + static_cast<std::int32_t>(choices_.below(2)));
    code().i32_const(32);
    code().i32_const(1);
    code().i32_const(40);
    call_host(read ? kFdRead : kFdWrite);
  }
  /// For some nanoseconds or microseconds, or for longer than any run takes.
  void sleep() {
    static constexpr std::array<std::int64_t, 3> kUnits = {1, 1000, 1'000'000'000'000};
    const std::int64_t unit = kUnits.at(choices_.below(kUnits.size()));
    const std::int64_t nanoseconds = unit * (1 + choices_.number<std::uint8_t>());
    // A subscription to the monotonic clock, at 64.
    constexpr std::array<std::uint32_t, 6> kFields = {0, 8, 16, 24, 32, 40};
    for (const std::uint32_t field : kFields) {
      code().i32_const(64);
      code().i64_const(field == 16 ? 1 : field == 24 ? nanoseconds : 0);
      code().access(0x37, field);
    }
    code().i32_const(64);
    code().i32_const(128);
    code().i32_const(1);
    code().i32_const(120);
    call_host(kPoll);
  }
  /// With any arguments.
  void host_call(std::uint32_t depth) {
    const std::uint32_t host = choices_.below(kHostFunctions);
    if (host == kProcExit) {
      expression(Type::kI32, depth);
      open(0x04);
      masked(depth, static_cast<std::int32_t>(kExitCodes - 1));
      call_host(host);
      return close();
    }
    for (const Type type : hosts().at(host).parameters) {
      if (type == Type::kI32 && choices_.below(4) != 3) {
        masked(depth, 255);
      } else {
        expression(type, depth);
      }
    }
    asks_chance_ = asks_chance_ || hosts().at(host).chance;
    call_host(host);
  }
};

}  // namespace mimobox::fuzz

#endif  // MIMOBOX_FUZZ_SUPPORT_STATEMENTS_H_
