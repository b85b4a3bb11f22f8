#include "wasm/instruction.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wasm/byte_reader.h"
#include "wasm/proposals.h"
#include "wasm/type_reader.h"

namespace mimobox::wasm {
namespace {

/// What follows an instruction's code.
enum class Operands : std::uint8_t {
  kIllegal,  ///< no instruction has this code
  kNone,
  kByte,  ///< one byte: a lane, flags
  kIndex,
  kTwoIndexes,
  kThreeIndexes,
  kTable,       ///< an index; other tables than the first are a proposal
  kIndexTable,  ///< an index and a table
  kTwoTables,
  kMemory,       ///< a memory's index; other memories than the first are a proposal
  kIndexMemory,  ///< an index and a memory
  kTwoMemories,
  kAccess,  ///< alignment, perhaps a memory's index, offset
  kAccessAndLane,
  kI32,
  kI64,
  kFourBytes,
  kEightBytes,
  kSixteenBytes,
  kBlockType,
  kLabels,  ///< a vector of labels and one more
  kValueTypes,
  kHeapType,
  kCast,  ///< flags, a label, two heap types
  kTryTable,
  kResume,       ///< an index and handlers
  kResumeThrow,  ///< two indexes and handlers
  kPrefix,
};

struct Instruction {
  Operands operands = Operands::kIllegal;
  Proposal proposal = Proposal::kMvp;
};

template <std::size_t kSize>
using Codes = std::array<Instruction, kSize>;

template <std::size_t kSize>
consteval void set(Codes<kSize>& codes, std::size_t first, std::size_t last, Operands operands,
                   Proposal proposal = Proposal::kMvp) {
  for (std::size_t i = first; i <= last; ++i)
    codes[i] = {operands, proposal};
}

consteval Codes<256> make_plain_codes() {
  using enum Operands;
  using enum Proposal;
  Codes<256> codes;
  set(codes, 0x00, 0x01, kNone);
  set(codes, 0x02, 0x04, kBlockType);
  set(codes, 0x05, 0x05, kNone);
  set(codes, 0x06, 0x06, kBlockType, kLegacyExceptions);
  set(codes, 0x07, 0x07, kIndex, kLegacyExceptions);
  set(codes, 0x08, 0x08, kIndex, kExceptions);
  set(codes, 0x09, 0x09, kIndex, kLegacyExceptions);
  set(codes, 0x0A, 0x0A, kNone, kExceptions);
  set(codes, 0x0B, 0x0B, kNone);
  set(codes, 0x0C, 0x0D, kIndex);
  set(codes, 0x0E, 0x0E, kLabels);
  set(codes, 0x0F, 0x0F, kNone);
  set(codes, 0x10, 0x10, kIndex);
  set(codes, 0x11, 0x11, kIndexTable);
  set(codes, 0x12, 0x12, kIndex, kTailCall);
  set(codes, 0x13, 0x13, kIndexTable, kTailCall);
  set(codes, 0x14, 0x15, kIndex, kFunctionReferences);
  set(codes, 0x18, 0x18, kIndex, kLegacyExceptions);
  set(codes, 0x19, 0x19, kNone, kLegacyExceptions);
  set(codes, 0x1A, 0x1B, kNone);
  set(codes, 0x1C, 0x1C, kValueTypes, kReferenceTypes);
  set(codes, 0x1F, 0x1F, kTryTable, kExceptions);
  set(codes, 0x20, 0x24, kIndex);
  set(codes, 0x25, 0x26, kIndex, kReferenceTypes);
  set(codes, 0x28, 0x3E, kAccess);
  set(codes, 0x3F, 0x40, kMemory);
  set(codes, 0x41, 0x41, kI32);
  set(codes, 0x42, 0x42, kI64);
  set(codes, 0x43, 0x43, kFourBytes);
  set(codes, 0x44, 0x44, kEightBytes);
  set(codes, 0x45, 0xBF, kNone);
  set(codes, 0xC0, 0xC4, kNone, kSignExtension);
  set(codes, 0xD0, 0xD0, kHeapType, kReferenceTypes);
  set(codes, 0xD1, 0xD1, kNone, kReferenceTypes);
  set(codes, 0xD2, 0xD2, kIndex, kReferenceTypes);
  set(codes, 0xD3, 0xD3, kNone, kGc);
  set(codes, 0xD4, 0xD4, kNone, kFunctionReferences);
  set(codes, 0xD5, 0xD6, kIndex, kFunctionReferences);
  set(codes, 0xE0, 0xE0, kIndex, kStackSwitching);
  set(codes, 0xE1, 0xE1, kTwoIndexes, kStackSwitching);
  set(codes, 0xE2, 0xE2, kIndex, kStackSwitching);
  set(codes, 0xE3, 0xE3, kResume, kStackSwitching);
  set(codes, 0xE4, 0xE4, kResumeThrow, kStackSwitching);
  set(codes, 0xE5, 0xE5, kResume, kStackSwitching);
  set(codes, 0xE6, 0xE6, kTwoIndexes, kStackSwitching);
  set(codes, 0xFB, 0xFE, kPrefix);
  return codes;
}

consteval Codes<0x27> make_gc_codes() {
  using enum Operands;
  using enum Proposal;
  Codes<0x27> codes;
  set(codes, 0x00, 0x01, kIndex, kGc);
  set(codes, 0x02, 0x05, kTwoIndexes, kGc);
  set(codes, 0x06, 0x07, kIndex, kGc);
  set(codes, 0x08, 0x0A, kTwoIndexes, kGc);
  set(codes, 0x0B, 0x0E, kIndex, kGc);
  set(codes, 0x0F, 0x0F, kNone, kGc);
  set(codes, 0x10, 0x10, kIndex, kGc);
  set(codes, 0x11, 0x13, kTwoIndexes, kGc);
  set(codes, 0x14, 0x17, kHeapType, kGc);
  set(codes, 0x18, 0x19, kCast, kGc);
  set(codes, 0x1A, 0x1E, kNone, kGc);
  set(codes, 0x20, 0x22, kIndex, kCustomDescriptors);
  set(codes, 0x23, 0x24, kHeapType, kCustomDescriptors);
  set(codes, 0x25, 0x26, kCast, kCustomDescriptors);
  return codes;
}

consteval Codes<0x17> make_misc_codes() {
  using enum Operands;
  using enum Proposal;
  Codes<0x17> codes;
  set(codes, 0x00, 0x07, kNone, kSaturatingFloatToInt);
  set(codes, 0x08, 0x08, kIndexMemory, kBulkMemory);
  set(codes, 0x09, 0x09, kIndex, kBulkMemory);
  set(codes, 0x0A, 0x0A, kTwoMemories, kBulkMemory);
  set(codes, 0x0B, 0x0B, kMemory, kBulkMemory);
  set(codes, 0x0C, 0x0C, kIndexTable, kBulkMemory);
  set(codes, 0x0D, 0x0D, kIndex, kBulkMemory);
  set(codes, 0x0E, 0x0E, kTwoTables, kBulkMemory);
  set(codes, 0x0F, 0x11, kTable, kReferenceTypes);
  set(codes, 0x12, 0x12, kMemory, kMemoryControl);
  set(codes, 0x13, 0x16, kNone, kWideArithmetic);
  return codes;
}

consteval Codes<0x114> make_simd_codes() {
  using enum Operands;
  using enum Proposal;
  Codes<0x114> codes;
  set(codes, 0x00, 0xFF, kNone, kSimd);
  set(codes, 0x00, 0x0B, kAccess, kSimd);
  set(codes, 0x0C, 0x0D, kSixteenBytes, kSimd);
  set(codes, 0x15, 0x22, kByte, kSimd);
  set(codes, 0x54, 0x5B, kAccessAndLane, kSimd);
  set(codes, 0x5C, 0x5D, kAccess, kSimd);
  set(codes, 0x100, 0x113, kNone, kRelaxedSimd);
  for (const unsigned code :
       {0x9AU, 0xA2U, 0xA5U, 0xA6U, 0xAFU, 0xB0U, 0xB2U, 0xB3U, 0xB4U, 0xBBU,
        0xC2U, 0xC5U, 0xC6U, 0xCFU, 0xD0U, 0xD2U, 0xD3U, 0xD4U, 0xE2U, 0xEEU}) {
    codes[code] = {};
  }
  return codes;
}

consteval Codes<0x73> make_atomic_codes() {
  using enum Operands;
  using enum Proposal;
  Codes<0x73> codes;
  set(codes, 0x00, 0x02, kAccess, kThreads);
  set(codes, 0x03, 0x03, kByte, kThreads);
  set(codes, 0x10, 0x4E, kAccess, kThreads);
  set(codes, 0x4F, 0x5B, kTwoIndexes, kSharedEverythingThreads);
  set(codes, 0x5C, 0x66, kThreeIndexes, kSharedEverythingThreads);
  set(codes, 0x67, 0x71, kTwoIndexes, kSharedEverythingThreads);
  set(codes, 0x72, 0x72, kNone, kSharedEverythingThreads);
  return codes;
}

constexpr Codes<256> kPlainCodes = make_plain_codes();
constexpr auto kGcCodes = make_gc_codes();
constexpr auto kMiscCodes = make_misc_codes();
constexpr auto kSimdCodes = make_simd_codes();
constexpr auto kAtomicCodes = make_atomic_codes();

template <std::size_t kSize>
Instruction look_up(const Codes<kSize>& codes, std::uint32_t code) {
  return code < kSize ? codes[code] : Instruction{};
}

Instruction prefixed(std::uint8_t prefix, std::uint32_t code) {
  switch (prefix) {
    case 0xFB:
      return look_up(kGcCodes, code);
    case 0xFC:
      return look_up(kMiscCodes, code);
    case 0xFD:
      return look_up(kSimdCodes, code);
    default:
      return look_up(kAtomicCodes, code);
  }
}

void skip_memory(ByteReader& in, FeatureLog& log) {
  const std::uint64_t at = in.offset();
  if (in.u32() != 0) log.note(Proposal::kMultiMemory, at, "a second memory");
}

void skip_table(ByteReader& in, FeatureLog& log) {
  const std::uint64_t at = in.offset();
  if (in.u32() != 0) log.note(Proposal::kReferenceTypes, at, "a second table");
}

void skip_access(ByteReader& in, FeatureLog& log) {
  const std::uint32_t flags = in.u32();
  if ((flags & 0x40U) != 0) {
    log.note(Proposal::kMultiMemory, in.offset(), "an access that names its memory");
    in.u32();
  }
  in.u64();
}

void skip_labels(ByteReader& in) {
  const std::uint32_t labels = in.count(1);
  for (std::uint32_t i = 0; i < labels && in.ok(); ++i)
    in.u32();
  in.u32();
}

void skip_value_types(ByteReader& in, FeatureLog& log) {
  const std::uint32_t types = in.count(1);
  for (std::uint32_t i = 0; i < types && in.ok(); ++i)
    (void)read_value_type(in, log);
}

void skip_try_table(ByteReader& in, FeatureLog& log) {
  skip_block_type(in, log);
  const std::uint32_t catches = in.count(2);
  for (std::uint32_t i = 0; i < catches && in.ok(); ++i) {
    const std::uint8_t kind = in.u8();
    if (kind > 3) in.fail("not a catch clause");
    if (kind < 2) in.u32();
    in.u32();
  }
}

void skip_handlers(ByteReader& in) {
  const std::uint32_t handlers = in.count(2);
  for (std::uint32_t i = 0; i < handlers && in.ok(); ++i) {
    const std::uint8_t kind = in.u8();
    if (kind > 1) in.fail("not a handler");
    in.u32();
    if (kind == 0) in.u32();
  }
}

void skip_indexes(ByteReader& in, unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    in.u32();
}

void skip_signed(ByteReader& in, unsigned bits) {
  in.signed_leb(bits);
}

/// Operands of few instructions.
void skip_rare_operands(Operands operands, ByteReader& in, FeatureLog& log) {
  if (operands == Operands::kHeapType) {
    read_heap_type(in, log);
  } else if (operands == Operands::kCast) {
    in.skip(1);
    in.u32();
    read_heap_type(in, log);
    read_heap_type(in, log);
  } else if (operands == Operands::kTryTable) {
    skip_try_table(in, log);
  } else if (operands == Operands::kResume || operands == Operands::kResumeThrow) {
    skip_indexes(in, operands == Operands::kResume ? 1 : 2);
    skip_handlers(in);
  }
}

/// Indexes, of which some tell of a second table or memory.
void skip_index_operands(Operands operands, ByteReader& in, FeatureLog& log) {
  if (operands == Operands::kTwoIndexes) {
    skip_indexes(in, 2);
  } else if (operands == Operands::kThreeIndexes) {
    skip_indexes(in, 3);
  } else if (operands == Operands::kIndexTable) {
    in.u32();
    skip_table(in, log);
  } else if (operands == Operands::kTwoTables) {
    skip_table(in, log);
    skip_table(in, log);
  } else if (operands == Operands::kIndexMemory) {
    in.u32();
    skip_memory(in, log);
  } else if (operands == Operands::kTwoMemories) {
    skip_memory(in, log);
    skip_memory(in, log);
  }
}

void skip_operands(Operands operands, ByteReader& in, FeatureLog& log) {
  switch (operands) {
    case Operands::kIllegal:
    case Operands::kPrefix:
      return in.fail("not an instruction");
    case Operands::kNone:
      return;
    case Operands::kByte:
      return in.skip(1);
    case Operands::kIndex:
      return skip_indexes(in, 1);
    case Operands::kTable:
      return skip_table(in, log);
    case Operands::kMemory:
      return skip_memory(in, log);
    case Operands::kTwoIndexes:
    case Operands::kThreeIndexes:
    case Operands::kIndexTable:
    case Operands::kTwoTables:
    case Operands::kIndexMemory:
    case Operands::kTwoMemories:
      return skip_index_operands(operands, in, log);
    case Operands::kAccess:
      return skip_access(in, log);
    case Operands::kAccessAndLane:
      skip_access(in, log);
      return in.skip(1);
    case Operands::kI32:
      return skip_signed(in, 32);
    case Operands::kI64:
      return skip_signed(in, 64);
    case Operands::kFourBytes:
      return in.skip(4);
    case Operands::kEightBytes:
      return in.skip(8);
    case Operands::kSixteenBytes:
      return in.skip(16);
    case Operands::kBlockType:
      return skip_block_type(in, log);
    case Operands::kLabels:
      return skip_labels(in);
    case Operands::kValueTypes:
      return skip_value_types(in, log);
    case Operands::kHeapType:
    case Operands::kCast:
    case Operands::kTryTable:
    case Operands::kResume:
    case Operands::kResumeThrow:
      return skip_rare_operands(operands, in, log);
  }
}

}  // namespace

std::uint8_t skip_instruction(ByteReader& in, FeatureLog& log) {
  const std::uint64_t at = in.offset();
  const std::uint8_t code = in.u8();
  Instruction instruction = kPlainCodes[code];
  if (instruction.operands == Operands::kPrefix) instruction = prefixed(code, in.u32());
  if (!in.ok()) return 0;
  if (instruction.operands == Operands::kIllegal) {
    in.fail_at("not an instruction", at);
    return 0;
  }
  log.note(instruction.proposal, at, "an instruction");
  skip_operands(instruction.operands, in, log);
  return code;
}

void skip_constant_expression(ByteReader& in, FeatureLog& log) {
  while (in.ok()) {
    const std::uint64_t at = in.offset();
    const std::uint8_t code = skip_instruction(in, log);
    if (code == kEnd) return;
    if ((code >= 0x02 && code <= 0x07) || code == 0x1F) {
      in.fail_at("a block in a constant expression", at);
    }
    if ((code >= 0x6A && code <= 0x6C) || (code >= 0x7C && code <= 0x7E)) {
      log.note(Proposal::kExtendedConst, at, "arithmetic");
    }
  }
}

}  // namespace mimobox::wasm
