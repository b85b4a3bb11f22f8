#ifndef MIMOBOX_FUZZ_SUPPORT_MODULE_GENERATOR_H_
#define MIMOBOX_FUZZ_SUPPORT_MODULE_GENERATOR_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/support/choices.h"
#include "fuzz/support/operations.h"
#include "fuzz/support/wasm_writer.h"

namespace mimobox::fuzz {

/// Makes modules that are always valid from any row of choices: functions that call each other,
/// directly, by tables and as tail calls, loops with and without an end, blocks, all offered
/// proposals' instructions, traps, bulk instructions and calls of the host. Behind the end of the
/// choices all ends soon.
///
/// What it makes begins with a look at its own instance: memory, tables and globals have to be as
/// the module says, else the guest exits with `kFoundSomething`. It ends with its memory's first
/// bytes as output and an exit code below `kExitCodes` that depends on what it computed.
class ModuleGenerator {
 public:
  static constexpr std::uint32_t kFoundSomething = 99;
  static constexpr std::uint32_t kExitCodes = 64;

  explicit ModuleGenerator(Choices& choices) : choices_(choices) {}

  [[nodiscard]] std::vector<std::byte> generate() {
    draw_shape();
    std::vector<WasmWriter> bodies;
    for (std::uint32_t i = 0; i < functions_.size(); ++i)
      bodies.push_back(body_of(functions_[i]));
    bodies.push_back(check_body());
    bodies.push_back(start_body());
    bodies.push_back(entry_body());
    return module_of(bodies);
  }

  /// Whether what was generated computes with what is chance outside of deterministic runs.
  [[nodiscard]] bool asks_chance() const { return asks_chance_; }

 private:
  struct FunctionType {
    Types parameters;
    Types results;
  };
  struct HostFunction {
    std::string_view name;
    Types parameters;
    bool has_result = true;
    bool chance = false;
  };
  struct Global {
    Type type;
    std::int32_t initial = 0;
  };
  /// The function that is being written.
  struct Body {
    std::uint32_t type = 0;
    Types locals;
    std::vector<Types> labels;  ///< outermost first; what a branch to it takes
    WasmWriter code;
  };
  enum Host : std::uint8_t { kFdWrite, kFdRead, kPoll, kProcExit, kHostFunctions = 11 };

  static constexpr std::uint32_t kDeepest = 12;
  static constexpr std::uint32_t kMostInstructions = 3000;
  static constexpr std::uint32_t kPageBytes = 65536;
  /// Memory up to here is set by an active segment.
  static constexpr std::uint32_t kDataBytes = 64;
  static constexpr std::uint32_t kOutputBytes = 256;
  static constexpr std::uint32_t kNothing = 0x40;  ///< the type of blocks without a result

  static const std::array<HostFunction, kHostFunctions>& hosts() {
    using enum Type;
    static const std::array<HostFunction, kHostFunctions> kHosts = {{
        {.name = "fd_write", .parameters = {kI32, kI32, kI32, kI32}},
        {.name = "fd_read", .parameters = {kI32, kI32, kI32, kI32}},
        {.name = "poll_oneoff", .parameters = {kI32, kI32, kI32, kI32}, .chance = true},
        {.name = "proc_exit", .parameters = {kI32}, .has_result = false},
        {.name = "sched_yield", .parameters = {}},
        {.name = "clock_time_get", .parameters = {kI32, kI64, kI32}, .chance = true},
        {.name = "random_get", .parameters = {kI32, kI32}, .chance = true},
        {.name = "args_get", .parameters = {kI32, kI32}},
        {.name = "fd_close", .parameters = {kI32}},
        {.name = "fd_fdstat_get", .parameters = {kI32, kI32}},
        {.name = "path_open", .parameters = {kI32, kI32, kI32, kI32, kI32, kI64, kI64, kI32, kI32}},
    }};
    return kHosts;
  }

  // What the module consists of.

  Type draw_type() {
    using enum Type;
    static constexpr std::array kTypes = {kI32, kI64, kF32, kF64, kV128, kFuncRef};
    return kTypes.at(choices_.below(kTypes.size()));
  }
  Types draw_types(std::uint32_t most) {
    Types types(choices_.below(most + 1));
    std::ranges::generate(types, [this] { return draw_type(); });
    return types;
  }

  void draw_shape() {
    types_.push_back({});
    for (std::uint32_t left = choices_.below(5); left > 0; --left) {
      // Many parameters do not fit registers: a tail call to such a function moves its frame.
      const std::uint32_t most = choices_.below(8) == 7 ? 30 : 3;
      types_.push_back({.parameters = draw_types(most), .results = draw_types(2)});
    }
    drawn_types_ = types_.size();
    for (const HostFunction& host : hosts()) {
      types_.push_back({.parameters = host.parameters,
                        .results = host.has_result ? Types{Type::kI32} : Types{}});
    }
    functions_ = {0, 0};
    for (std::uint32_t left = choices_.below(6); left > 0; --left)
      functions_.push_back(choices_.below(static_cast<std::uint32_t>(drawn_types_)));
    globals_.push_back({.type = Type::kI32, .initial = 7});
    for (std::uint32_t left = choices_.below(5); left > 0; --left)
      globals_.push_back({.type = draw_type(), .initial = choices_.number<std::uint8_t>()});
    // With three tables a module fits no slot of a pool.
    for (std::uint32_t left = 1 + choices_.below(3); left > 0; --left)
      tables_.push_back(choices_.below(20));
    tables_.front() += 1;
    pages_ = 1 + choices_.below(4);
    has_start_ = choices_.flag();
    data_ = choices_.text(16);
  }

  [[nodiscard]] std::uint32_t index_of(std::size_t function) const {
    return kHostFunctions + static_cast<std::uint32_t>(function);
  }
  [[nodiscard]] std::uint32_t check_function() const { return index_of(functions_.size()); }

  // Instructions.

  WasmWriter& code() { return body_.code; }
  [[nodiscard]] bool at_end(std::uint32_t depth) const {
    return depth > kDeepest || choices_.empty() || written_ > kMostInstructions;
  }
  void masked(std::uint32_t depth, std::int32_t mask) {
    expression(Type::kI32, depth);
    code().i32_const(mask);
    code().byte(0x71);
  }
  /// Mostly inside the memory.
  void address(std::uint32_t depth) {
    if (choices_.below(8) == 7) {
      expression(Type::kI32, depth);
    } else {
      masked(depth, 0xFFF8);
    }
  }
  /// Mostly short.
  void length(std::uint32_t depth) {
    static constexpr std::array<std::int32_t, 8> kMasks = {7, 7, 63, 63, 255, 0xFFF, 0x3FFFF, -1};
    masked(depth, kMasks.at(choices_.below(kMasks.size())));
  }

  void constant(Type type) {
    switch (type) {
      case Type::kI32:
        code().i32_const(choices_.flag()
                             ? static_cast<std::int32_t>(choices_.number<std::uint32_t>())
                             : choices_.number<std::uint8_t>());
        break;
      case Type::kI64:
        code().i64_const(choices_.flag()
                             ? static_cast<std::int64_t>(choices_.number<std::uint64_t>())
                             : choices_.number<std::uint8_t>());
        break;
      case Type::kF32:
        code().byte(0x43);
        raw(4);
        break;
      case Type::kF64:
        code().byte(0x44);
        raw(8);
        break;
      case Type::kV128:
        code().indexed(0xFD, 0x0C);
        raw(16);
        break;
      case Type::kFuncRef:
        if (choices_.flag()) {
          code().indexed(0xD2, callee());
        } else {
          code().indexed(0xD0, static_cast<std::uint32_t>(Type::kFuncRef));
        }
        break;
    }
  }
  void raw(std::uint32_t bytes) {
    for (; bytes > 0; --bytes)
      code().byte(choices_.number<std::uint8_t>());
  }

  /// One of those in the module whose place `has_type`, or nothing.
  template <typename HasType>
  bool draw_place(std::size_t size, HasType has_type, std::uint32_t* found) {
    std::vector<std::uint32_t> places;
    for (std::uint32_t i = 0; i < size; ++i)
      if (has_type(i)) places.push_back(i);
    if (places.empty()) return false;
    *found = places[choices_.below(
        static_cast<std::uint32_t>(std::min<std::size_t>(places.size(), 256)))];
    return true;
  }
  bool draw_local(Type type, std::uint32_t* found) {
    return draw_place(body_.locals.size(), [&](auto i) { return body_.locals[i] == type; }, found);
  }
  bool draw_global(Type type, std::uint32_t* found) {
    return draw_place(globals_.size(), [&](auto i) { return globals_[i].type == type; }, found);
  }
  std::uint32_t draw_table() { return choices_.below(static_cast<std::uint32_t>(tables_.size())); }
  std::uint32_t callee() {
    return index_of(choices_.below(static_cast<std::uint32_t>(functions_.size())));
  }

  void all(const Types& types, std::uint32_t depth) {
    for (const Type type : types)
      expression(type, depth);
  }
  void drop(std::size_t values) {
    for (; values > 0; --values)
      code().byte(0x1A);
  }

  /// Leaves one value of the type on the stack.
  void expression(Type type, std::uint32_t depth) {
    ++written_;
    if (at_end(depth)) return constant(type);
    std::uint32_t place = 0;
    switch (choices_.below(16)) {
      case 0:
        return constant(type);
      case 1:
      case 2:
        if (!draw_local(type, &place)) return constant(type);
        return code().indexed(0x20, place);
      case 3:
        if (!draw_global(type, &place)) return constant(type);
        return code().indexed(0x23, place);
      case 4:
        if (!draw_local(type, &place)) return constant(type);
        expression(type, depth + 1);
        return code().indexed(0x22, place);
      case 5:
        return load(type, depth + 1);
      case 6:
        return select(type, depth + 1);
      case 7:
        return block(choices_.flag() ? 0x02 : 0x03, type, depth + 1);
      case 8:
        return if_else(type, depth + 1);
      case 9:
        return call_for(type, depth + 1);
      case 10:
        return size_or_growth(type, depth + 1);
      case 11:
        return choices_.below(4) == 3 ? leave(depth + 1) : constant(type);
      default:
        return operation(type, depth + 1);
    }
  }

  void operation(Type type, std::uint32_t depth) {
    std::uint32_t place = 0;
    if (!draw_place(
            kOperations.size(), [&](auto i) { return kOperations.at(i).result == type; }, &place))
      return constant(type);
    const Operations& row = kOperations.at(place);
    const std::uint32_t which = row.first + choices_.below(row.last - row.first + 1);
    for (std::uint32_t i = 0; i < row.operands; ++i)
      expression(row.operand, depth);
    if (row.prefix == 0) return code().byte(which);
    code().indexed(row.prefix, which);
  }

  void load(Type type, std::uint32_t depth) {
    if (type == Type::kFuncRef) {
      expression(Type::kI32, depth);
      return code().indexed(0x25, draw_table());
    }
    address(depth);
    const auto offset = choices_.number<std::uint8_t>();
    std::uint32_t place = 0;
    if (!draw_place(kLoads.size(), [&](auto i) { return kLoads.at(i).type == type; }, &place)) {
      code().byte(0xFD);
      return code().access(0, offset);
    }
    const Accesses& row = kLoads.at(place);
    code().access(row.first + choices_.below(row.last - row.first + 1), offset);
  }

  void select(Type type, std::uint32_t depth) {
    expression(type, depth);
    expression(type, depth);
    expression(Type::kI32, depth);
    code().byte(0x1C);
    code().types({type});
  }

  void block(std::uint32_t kind, Type type, std::uint32_t depth) {
    code().byte(kind);
    code().type(type);
    body_.labels.push_back(kind == 0x03 ? Types{} : Types{type});
    statements(depth);
    expression(type, depth);
    body_.labels.pop_back();
    code().byte(0x0B);
  }

  void if_else(Type type, std::uint32_t depth) {
    expression(Type::kI32, depth);
    code().byte(0x04);
    code().type(type);
    body_.labels.push_back({type});
    statements(depth);
    expression(type, depth);
    code().byte(0x05);
    expression(type, depth);
    body_.labels.pop_back();
    code().byte(0x0B);
  }

  /// A call, directly or by a table, of something that gives one value of the type.
  void call_for(Type type, std::uint32_t depth) {
    std::uint32_t place = 0;
    const auto fits = [&](const FunctionType& one) { return one.results == Types{type}; };
    if (choices_.flag()) {
      if (!draw_place(drawn_types_, [&](auto i) { return fits(types_[i]); }, &place))
        return constant(type);
      all(types_[place].parameters, depth);
      return by_table(0x11, place, depth);
    }
    if (!draw_place(functions_.size(), [&](auto i) { return fits(types_[functions_[i]]); }, &place))
      return constant(type);
    all(types_[functions_[place]].parameters, depth);
    code().indexed(0x10, index_of(place));
  }
  void by_table(std::uint32_t kind, std::uint32_t type, std::uint32_t depth) {
    masked(depth, 7);
    code().indexed(kind, type);
    code().number(draw_table());
  }

  void size_or_growth(Type type, std::uint32_t depth) {
    if (type != Type::kI32) return operation(type, depth);
    switch (choices_.below(4)) {
      case 0:
        return code().indexed(0x3F, 0);
      case 1:
        masked(depth, choices_.below(8) == 7 ? -1 : 1);
        return code().indexed(0x40, 0);
      case 2:
        code().indexed(0xFC, 16);
        return code().number(draw_table());
      default:
        expression(Type::kFuncRef, depth);
        masked(depth, choices_.below(8) == 7 ? -1 : 3);
        code().indexed(0xFC, 15);
        return code().number(draw_table());
    }
  }

  /// To somewhere else; what is behind it is never reached.
  void leave(std::uint32_t depth) {
    switch (choices_.below(4)) {
      case 0:
        return code().byte(0x00);
      case 1:
        all(body_.labels.front(), depth);
        return code().byte(0x0F);
      default: {
        const std::uint32_t target = draw_label();
        all(body_.labels[body_.labels.size() - 1 - target], depth);
        return code().indexed(0x0C, target);
      }
    }
  }
  /// Counted from the innermost one, as branches do.
  std::uint32_t draw_label() {
    return choices_.below(static_cast<std::uint32_t>(body_.labels.size()));
  }

  void statements(std::uint32_t depth) {
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

  // Functions.

  WasmWriter body_of(std::uint32_t type) {
    const FunctionType& signature = types_[type];
    body_ = {
        .type = type, .locals = signature.parameters, .labels = {signature.results}, .code = {}};
    for (std::uint32_t left = choices_.below(4); left > 0; --left)
      body_.locals.push_back(draw_type());
    statements(0);
    all(signature.results, 0);
    return with_locals(signature.parameters.size());
  }
  WasmWriter with_locals(std::size_t parameters) {
    WasmWriter body;
    body.number(body_.locals.size() - parameters);
    for (std::size_t i = parameters; i < body_.locals.size(); ++i) {
      body.number(1);
      body.type(body_.locals[i]);
    }
    body.append(body_.code);
    body.byte(0x0B);
    return body;
  }

  /// `proc_exit(kFoundSomething)` when the number on the stack is not 0.
  void exit_if_found() {
    code().indexed(0x04, kNothing);
    code().i32_const(static_cast<std::int32_t>(kFoundSomething));
    call_host(kProcExit);
    code().byte(0x0B);
  }
  /// Looks at each eighth byte's neighbours in memory, at tables and at globals.
  WasmWriter check_body() {
    body_ = {.type = 0, .locals = {Type::kI32}, .labels = {{}}, .code = {}};
    code().indexed(0x3F, 0);
    code().i32_const(static_cast<std::int32_t>(pages_));
    code().byte(0x47);
    exit_if_found();
    code().i32_const(static_cast<std::int32_t>(kDataBytes));
    code().indexed(0x21, 0);
    code().indexed(0x03, kNothing);
    code().indexed(0x20, 0);
    code().access(0x29, 0);
    code().byte(0x50);
    code().byte(0x45);
    exit_if_found();
    code().indexed(0x20, 0);
    code().i32_const(8);
    code().byte(0x6A);
    code().indexed(0x22, 0);
    code().i32_const(static_cast<std::int32_t>(pages_ * kPageBytes));
    code().byte(0x47);
    code().indexed(0x0D, 0);
    code().byte(0x0B);
    check_tables();
    check_globals();
    return with_locals(0);
  }
  void check_tables() {
    for (std::uint32_t table = 0; table < tables_.size(); ++table) {
      code().indexed(0xFC, 16);
      code().number(table);
      code().i32_const(static_cast<std::int32_t>(tables_[table]));
      code().byte(0x47);
      exit_if_found();
      for (std::uint32_t i = table == 0 ? elements() : 0; i < tables_[table]; ++i) {
        code().i32_const(static_cast<std::int32_t>(i));
        code().indexed(0x25, table);
        code().byte(0xD1);
        code().byte(0x45);
        exit_if_found();
      }
    }
  }
  void check_globals() {
    for (std::uint32_t i = 0; i < globals_.size(); ++i) {
      if (globals_[i].type != Type::kI32) continue;
      code().indexed(0x23, i);
      code().i32_const(globals_[i].initial);
      code().byte(0x47);
      exit_if_found();
    }
  }
  WasmWriter start_body() {
    body_ = {.type = 0, .locals = {}, .labels = {{}}, .code = {}};
    code().indexed(0x10, check_function());
    code().indexed(0x10, index_of(1));
    return with_locals(0);
  }
  WasmWriter entry_body() {
    body_ = {.type = 0, .locals = {}, .labels = {{}}, .code = {}};
    if (!has_start_) code().indexed(0x10, check_function());
    code().indexed(0x10, index_of(0));
    code().i32_const(32);
    code().i64_const(static_cast<std::int64_t>(kOutputBytes) << 32U);
    code().access(0x37, 0);
    code().i32_const(1);
    code().i32_const(32);
    code().i32_const(1);
    code().i32_const(40);
    call_host(kFdWrite);
    code().indexed(0x23, 0);
    code().i32_const(static_cast<std::int32_t>(kExitCodes - 1));
    code().byte(0x71);
    call_host(kProcExit);
    return with_locals(0);
  }

  // Sections.

  /// Of the first table that are set from the start.
  [[nodiscard]] std::uint32_t elements() const {
    return std::min(tables_.front(), static_cast<std::uint32_t>(functions_.size()));
  }

  std::vector<std::byte> module_of(const std::vector<WasmWriter>& bodies) {
    WasmWriter module;
    for (const std::uint32_t byte : {0x00U, 0x61U, 0x73U, 0x6DU, 0x01U, 0x00U, 0x00U, 0x00U})
      module.byte(byte);
    module.section(1, type_section());
    module.section(2, import_section());
    WasmWriter functions;
    functions.number(bodies.size());
    for (std::size_t i = 0; i < bodies.size(); ++i)
      functions.number(i < functions_.size() ? functions_[i] : 0);
    module.section(3, functions);
    module.section(4, table_section());
    WasmWriter memory;
    memory.number(1);
    memory.number(0);
    memory.number(pages_);
    module.section(5, memory);
    module.section(6, global_section());
    module.section(7, export_section());
    if (has_start_) {
      WasmWriter start;
      start.number(check_function() + 1);
      module.section(8, start);
    }
    module.section(9, element_section());
    WasmWriter segments;
    segments.number(2);
    module.section(12, segments);
    WasmWriter code_section;
    code_section.number(bodies.size());
    for (const WasmWriter& body : bodies)
      code_section.sized(body);
    module.section(10, code_section);
    module.section(11, data_section());
    return {module.bytes().begin(), module.bytes().end()};
  }
  [[nodiscard]] WasmWriter type_section() const {
    WasmWriter section;
    section.number(types_.size());
    for (const FunctionType& type : types_) {
      section.byte(0x60);
      section.types(type.parameters);
      section.types(type.results);
    }
    return section;
  }
  [[nodiscard]] WasmWriter import_section() const {
    WasmWriter section;
    section.number(kHostFunctions);
    for (std::size_t i = 0; i < kHostFunctions; ++i) {
      section.text("wasi_snapshot_preview1");
      section.text(hosts().at(i).name);
      section.byte(0);
      section.number(drawn_types_ + i);
    }
    return section;
  }
  [[nodiscard]] WasmWriter table_section() const {
    WasmWriter section;
    section.number(tables_.size());
    for (const std::uint32_t size : tables_) {
      section.type(Type::kFuncRef);
      section.byte(0);
      section.number(size);
    }
    return section;
  }
  [[nodiscard]] WasmWriter global_section() {
    body_ = {};
    code().number(globals_.size());
    for (const Global& global : globals_) {
      code().type(global.type);
      code().byte(1);
      if (global.type == Type::kI32) {
        code().i32_const(global.initial);
      } else {
        constant(global.type);
      }
      code().byte(0x0B);
    }
    return body_.code;
  }
  [[nodiscard]] WasmWriter export_section() const {
    WasmWriter section;
    section.number(2);
    section.text("memory");
    section.byte(2);
    section.number(0);
    section.text("_start");
    section.byte(0);
    section.number(check_function() + 2);
    return section;
  }
  /// What the first table begins with, what table.init takes, and the functions that ref.func may
  /// name.
  [[nodiscard]] WasmWriter element_section() const {
    WasmWriter section;
    section.number(3);
    const auto put = [&](std::size_t size) {
      section.number(size);
      for (std::size_t i = 0; i < size; ++i)
        section.number(index_of(i));
    };
    section.byte(0);
    section.i32_const(0);
    section.byte(0x0B);
    put(elements());
    section.byte(1);
    section.byte(0);
    put(functions_.size());
    section.byte(3);
    section.byte(0);
    put(functions_.size());
    return section;
  }
  [[nodiscard]] WasmWriter data_section() const {
    WasmWriter section;
    section.number(2);
    section.byte(0);
    section.i32_const(0);
    section.byte(0x0B);
    section.text(data_);
    section.byte(1);
    section.text(data_);
    return section;
  }

  Choices& choices_;
  std::vector<FunctionType> types_;
  std::size_t drawn_types_ = 0;
  std::vector<std::uint32_t> functions_;  ///< types; the entry and the start come first
  std::vector<Global> globals_;
  std::vector<std::uint32_t> tables_;  ///< sizes
  std::uint32_t pages_ = 1;
  bool has_start_ = false;
  std::string data_;
  Body body_;
  std::uint32_t written_ = 0;
  bool asks_chance_ = false;
};

}  // namespace mimobox::fuzz

#endif  // MIMOBOX_FUZZ_SUPPORT_MODULE_GENERATOR_H_
