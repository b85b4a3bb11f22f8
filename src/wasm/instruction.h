#ifndef MIMOBOX_WASM_INSTRUCTION_H_
#define MIMOBOX_WASM_INSTRUCTION_H_

#include <cstdint>

#include "wasm/byte_reader.h"
#include "wasm/proposals.h"

namespace mimobox::wasm {

inline constexpr std::uint8_t kEnd = 0x0B;

/// Reads over one instruction with its operands and notes the proposals that it belongs to. Returns
/// its first byte. Nesting is not followed: a body knows its size. The reader fails at what is no
/// instruction of any proposal that is known here.
std::uint8_t skip_instruction(ByteReader& in, FeatureLog& log);

/// Reads over a constant expression, its `end` included.
void skip_constant_expression(ByteReader& in, FeatureLog& log);

}  // namespace mimobox::wasm

#endif  // MIMOBOX_WASM_INSTRUCTION_H_
