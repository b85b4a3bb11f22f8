#ifndef MIMOBOX_FUZZ_SUPPORT_EXPRESSIONS_H_
#define MIMOBOX_FUZZ_SUPPORT_EXPRESSIONS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "fuzz/support/module_shape.h"

namespace mimobox::fuzz {

/// Writes instructions that leave a value of a given type.
class Expressions : protected ModuleShape {
 protected:
  /// The function that is being written.
  struct Body {
    std::uint32_t type = 0;
    Types locals;
    std::vector<Types> labels;  ///< outermost first; what a branch to it takes
    WasmWriter code;
  };
  static constexpr std::uint32_t kDeepest = 12;
  static constexpr std::uint32_t kMostInstructions = 3000;
  static constexpr std::uint32_t kNothing = 0x40;  ///< the type of blocks without a result

  explicit Expressions(Choices& choices) : ModuleShape(choices) {}
  Expressions(const Expressions&) = delete;
  Expressions& operator=(const Expressions&) = delete;
  virtual ~Expressions() = default;

  /// Some statements, which stand in front of a value in a block.
  virtual void statements(std::uint32_t depth) = 0;

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

  Body body_;
  std::uint32_t written_ = 0;
  bool asks_chance_ = false;
};

}  // namespace mimobox::fuzz

#endif  // MIMOBOX_FUZZ_SUPPORT_EXPRESSIONS_H_
