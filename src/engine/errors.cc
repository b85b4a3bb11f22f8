#include "engine/errors.h"

#include <mimobox_engine.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <vector>

namespace mimobox::engine {
namespace {

struct TrapText {
  TrapCode code;
  std::string_view message;
};

TrapText text_of(wasmtime_trap_code_t code) {
  switch (code) {
    case WASMTIME_TRAP_CODE_STACK_OVERFLOW:
      return {TrapCode::kStackOverflow, "the guest's call stack is used up"};
    case WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS:
      return {TrapCode::kMemoryOutOfBounds, "access outside the linear memory"};
    case WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS:
      return {TrapCode::kTableOutOfBounds, "access outside a table"};
    case WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL:
      return {TrapCode::kIndirectCallToNull, "indirect call to an empty table element"};
    case WASMTIME_TRAP_CODE_BAD_SIGNATURE:
      return {TrapCode::kBadSignature, "indirect call to a function of another type"};
    case WASMTIME_TRAP_CODE_INTEGER_OVERFLOW:
      return {TrapCode::kIntegerOverflow, "integer overflow"};
    case WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO:
      return {TrapCode::kIntegerDivisionByZero, "integer division by zero"};
    case WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER:
      return {TrapCode::kBadConversionToInteger, "conversion of a float that no integer can hold"};
    case WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED:
      return {TrapCode::kUnreachable, "the guest reached an unreachable instruction (abort?)"};
    default:  // the engine's list is open: what comes later is kOther
      return {TrapCode::kOther, "the guest did what WebAssembly forbids"};
  }
}

/// A guest chooses depth and names of its backtrace.
constexpr std::size_t kMaxFrames = 64;
constexpr std::size_t kMaxNameBytes = 512;

/// Called from Rust: nothing may be thrown.
bool add_frame(void* context, const mimobox_frame_t* from) noexcept {
  auto& frames = *static_cast<std::vector<Frame>*>(context);
  try {
    Frame& frame = frames.emplace_back();
    frame.function = bounded_text(from->function_name);
    frame.function_index = from->function_index;
    if (from->module_offset != UINT64_MAX) frame.module_offset = from->module_offset;
    frame.file = bounded_text(from->file);
    frame.line = from->line;
  } catch (const std::bad_alloc&) {  // a shorter backtrace is better than none
    return false;
  }
  return frames.size() < kMaxFrames;
}

}  // namespace

std::string error_text(const wasmtime_error_t& error) {
  wasm_name_t message;
  wasmtime_error_message(&error, &message);
  std::string text(message.data, message.size);
  wasm_name_delete(&message);
  std::ranges::replace(text, '\n', ' ');
  std::string line;
  for (const char c : text) {
    if (c != ' ' || (!line.empty() && line.back() != ' ')) line.push_back(c);
  }
  // The text may quote a line of the module, which may be all of it.
  constexpr std::size_t kMaxTextBytes = 300;
  if (line.size() > kMaxTextBytes) line = line.substr(0, kMaxTextBytes) + "...";
  return line;
}

std::string bounded_text(const mimobox_text_t& text) {
  if (text.data == nullptr) return {};
  return std::string(text.data, std::min(text.size, kMaxNameBytes));
}

bool is_out_of_fuel(const wasm_trap_t& trap) {
  wasmtime_trap_code_t code = 0;
  return wasmtime_trap_code(&trap, &code) && code == WASMTIME_TRAP_CODE_OUT_OF_FUEL;
}

Trap describe_trap(const wasm_trap_t& trap) {
  Trap described;
  wasmtime_trap_code_t code = 0;
  if (wasmtime_trap_code(&trap, &code)) {
    const TrapText text = text_of(code);
    described.code = text.code;
    described.message = text.message;
  } else {
    described.message = "the engine ended the guest without a trap code";
  }
  mimobox_trap_frames(&trap, add_frame, &described.frames);
  return described;
}

}  // namespace mimobox::engine
