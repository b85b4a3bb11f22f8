#ifndef MIMOBOX_FUZZ_SUPPORT_MODULE_GENERATOR_H_
#define MIMOBOX_FUZZ_SUPPORT_MODULE_GENERATOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/support/choices.h"
#include "fuzz/support/statements.h"
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
class ModuleGenerator : private Statements {
 public:
  static constexpr std::uint32_t kFoundSomething = 99;
  using Statements::kExitCodes;

  explicit ModuleGenerator(Choices& choices) : Statements(choices) {}

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
};

}  // namespace mimobox::fuzz

#endif  // MIMOBOX_FUZZ_SUPPORT_MODULE_GENERATOR_H_
