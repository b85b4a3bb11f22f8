#ifndef MIMOBOX_FUZZ_SUPPORT_MODULE_SHAPE_H_
#define MIMOBOX_FUZZ_SUPPORT_MODULE_SHAPE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/support/choices.h"
#include "fuzz/support/operations.h"
#include "fuzz/support/wasm_writer.h"

namespace mimobox::fuzz {

/// What a module consists of besides the bodies of its functions, drawn before them: the first of
/// the layers that make a module (expressions.h, statements.h, module_generator.h).
class ModuleShape {
 protected:
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
  enum Host : std::uint8_t { kFdWrite, kFdRead, kPoll, kProcExit, kHostFunctions = 11 };

  static constexpr std::uint32_t kExitCodes = 64;  ///< what a guest ends with is below
  static constexpr std::uint32_t kPageBytes = 65536;
  /// Memory up to here is set by an active segment.
  static constexpr std::uint32_t kDataBytes = 64;
  static constexpr std::uint32_t kOutputBytes = 256;

  explicit ModuleShape(Choices& choices) : choices_(choices) {}

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

  Choices& choices_;
  std::vector<FunctionType> types_;
  std::size_t drawn_types_ = 0;
  std::vector<std::uint32_t> functions_;  ///< types; the entry and the start come first
  std::vector<Global> globals_;
  std::vector<std::uint32_t> tables_;  ///< sizes
  std::uint32_t pages_ = 1;
  bool has_start_ = false;
  std::string data_;
};

}  // namespace mimobox::fuzz

#endif  // MIMOBOX_FUZZ_SUPPORT_MODULE_SHAPE_H_
