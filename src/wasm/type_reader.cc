#include "wasm/type_reader.h"

#include <cstdint>

#include "wasm/byte_reader.h"
#include "wasm/proposals.h"
#include "wasm/types.h"

namespace mimobox::wasm {
namespace {

constexpr std::uint8_t kFuncRef = 0x70;
constexpr std::uint8_t kExternRef = 0x6F;
constexpr std::uint8_t kRefNull = 0x63;
constexpr std::uint8_t kRef = 0x64;
constexpr std::uint8_t kShared = 0x65;
constexpr std::uint8_t kExact = 0x62;

/// One of the abstract heap types; as a value type the same code means a nullable reference to it.
std::uint8_t read_abstract_heap_type(ByteReader& in, FeatureLog& log) {
  const std::uint64_t at = in.offset();
  const std::uint8_t code = in.u8();
  switch (code) {
    case kFuncRef:
      break;
    case kExternRef:
      log.note(Proposal::kReferenceTypes, at, "externref");
      log.note(Proposal::kGc, at, "externref");
      break;
    case 0x69:  // exn
    case 0x74:  // noexn
      log.note(Proposal::kExceptions, at, "exnref");
      break;
    case 0x68:  // cont
    case 0x75:  // nocont
      log.note(Proposal::kStackSwitching, at, "contref");
      break;
    case 0x6A:  // array
    case 0x6B:  // struct
    case 0x6C:  // i31
    case 0x6D:  // eq
    case 0x6E:  // any
    case 0x71:  // none
    case 0x72:  // noextern
    case 0x73:  // nofunc
      log.note(Proposal::kGc, at, "a reference to a managed object");
      break;
    default:
      in.fail_at("not a type", at);
  }
  return code;
}

ValueType read_reference_type(ByteReader& in, FeatureLog& log) {
  const std::uint64_t at = in.offset();
  const std::uint8_t code = in.peek();
  if (code == kRefNull || code == kRef) {
    in.skip(1);
    ValueType type = read_heap_type(in, log);
    type.code = code;
    if (code == kRef) log.note(Proposal::kFunctionReferences, at, "a reference that is never null");
    return type;
  }
  if (code == kShared) {
    in.skip(1);
    log.note(Proposal::kSharedEverythingThreads, at, "a shared reference");
  }
  return {.code = read_abstract_heap_type(in, log)};
}

/// A field of a struct or an array.
void skip_field(ByteReader& in, FeatureLog& log) {
  const std::uint8_t code = in.peek();
  if (code == 0x78 || code == 0x77) {  // i8, i16
    in.skip(1);
  } else {
    (void)read_value_type(in, log);
  }
  if (in.u8() > 1) in.fail("a field is neither mutable nor constant");
}

void read_function_type(ByteReader& in, FeatureLog& log, TypeList& types) {
  const std::uint32_t params = in.count(1);
  for (std::uint32_t i = 0; i < params && in.ok(); ++i)
    types.add_value(read_value_type(in, log));
  const std::uint64_t at = in.offset();
  const std::uint32_t results = in.count(1);
  if (results > 1) log.note(Proposal::kMultiValue, at, "several results");
  for (std::uint32_t i = 0; i < results && in.ok(); ++i)
    types.add_value(read_value_type(in, log));
  if (in.ok()) types.end_function(params);
}

void read_composite_type(ByteReader& in, FeatureLog& log, TypeList& types) {
  const std::uint64_t at = in.offset();
  std::uint8_t form = in.u8();
  if (form == kShared) {
    log.note(Proposal::kSharedEverythingThreads, at, "a shared type");
    form = in.u8();
  }
  for (const unsigned prefix : {0x4CU, 0x4DU}) {  // describes, descriptor
    if (form != prefix) continue;
    log.note(Proposal::kCustomDescriptors, at, "a descriptor");
    in.u32();
    form = in.u8();
  }
  switch (form) {
    case 0x60:
      read_function_type(in, log, types);
      return;
    case 0x5F: {
      log.note(Proposal::kGc, at, "a struct type");
      const std::uint32_t fields = in.count(2);
      for (std::uint32_t i = 0; i < fields && in.ok(); ++i)
        skip_field(in, log);
      break;
    }
    case 0x5E:
      log.note(Proposal::kGc, at, "an array type");
      skip_field(in, log);
      break;
    case 0x5D:
      log.note(Proposal::kStackSwitching, at, "a continuation type");
      if (in.signed_leb(33) < 0) in.fail_at("not a continuation type", at);
      break;
    default:
      in.fail_at("not a type definition", at);
  }
  if (in.ok()) types.end_other();
}

void read_sub_type(ByteReader& in, FeatureLog& log, TypeList& types) {
  log.enter("type", types.size());
  const std::uint8_t form = in.peek();
  if (form == 0x50 || form == 0x4F) {
    log.note(Proposal::kGc, in.offset(), "a subtype");
    in.skip(1);
    const std::uint32_t supertypes = in.count(1);
    for (std::uint32_t i = 0; i < supertypes && in.ok(); ++i)
      in.u32();
  }
  read_composite_type(in, log, types);
}

Bounded read_bounds(ByteReader& in, std::uint8_t flags) {
  Bounded bounds{.shared = (flags & 0x02U) != 0, .is_64 = (flags & 0x04U) != 0};
  bounds.min = in.u64();
  if ((flags & 0x01U) != 0) bounds.max = in.u64();
  return bounds;
}

}  // namespace

ValueType read_heap_type(ByteReader& in, FeatureLog& log) {
  const std::uint64_t at = in.offset();
  const std::uint8_t code = in.peek();
  if (code == kExact) {
    in.skip(1);
    log.note(Proposal::kCustomDescriptors, at, "an exact reference");
    return {.code = kRefNull, .index = in.u32()};
  }
  if (code == kShared) {
    in.skip(1);
    log.note(Proposal::kSharedEverythingThreads, at, "a shared reference");
    return {.code = kRefNull, .heap = read_abstract_heap_type(in, log)};
  }
  if ((code & 0xC0U) == 0x40) return {.code = kRefNull, .heap = read_abstract_heap_type(in, log)};
  const std::int64_t index = in.signed_leb(33);
  if (index < 0) in.fail_at("not a type", at);
  log.note(Proposal::kFunctionReferences, at, "a reference to a type");
  return {.code = kRefNull, .index = static_cast<std::uint32_t>(index)};
}

ValueType read_value_type(ByteReader& in, FeatureLog& log) {
  const std::uint64_t at = in.offset();
  const std::uint8_t code = in.peek();
  if (code >= 0x7B && code <= 0x7F) {
    in.skip(1);
    if (code == 0x7B) log.note(Proposal::kSimd, at, "v128");
    return {.code = code};
  }
  log.note(Proposal::kReferenceTypes, at, "a reference");
  return read_reference_type(in, log);
}

ValueType read_element_type(ByteReader& in, FeatureLog& log) {
  return read_reference_type(in, log);
}

void skip_block_type(ByteReader& in, FeatureLog& log) {
  const std::uint64_t at = in.offset();
  const std::uint8_t code = in.peek();
  if (code == 0x40) {
    in.skip(1);
  } else if ((code & 0xC0U) == 0x40) {
    (void)read_value_type(in, log);
  } else {
    if (in.signed_leb(33) < 0) in.fail_at("not a block type", at);
    log.note(Proposal::kMultiValue, at, "a block with a type");
  }
}

MemoryType read_memory_type(ByteReader& in, FeatureLog& log) {
  const std::uint64_t at = in.offset();
  const std::uint8_t flags = in.u8();
  if (flags > 0x0F) in.fail_at("unknown flags of a memory", at);
  MemoryType type{.pages = read_bounds(in, flags)};
  if (type.pages.shared) log.note(Proposal::kThreads, at, "shared memory");
  if (type.pages.is_64) log.note(Proposal::kMemory64, at, "64-bit memory");
  if ((flags & 0x08U) != 0) {
    log.note(Proposal::kCustomPageSizes, at, "a page size");
    type.page_size_log2 = in.u32();
    if (type.page_size_log2 > 63) in.fail_at("not a page size", at);
  }
  return type;
}

TableType read_table_type(ByteReader& in, FeatureLog& log) {
  TableType type{.element = read_element_type(in, log)};
  const std::uint64_t at = in.offset();
  const std::uint8_t flags = in.u8();
  if (flags > 0x07) in.fail_at("unknown flags of a table", at);
  type.elements = read_bounds(in, flags);
  if (type.elements.shared) log.note(Proposal::kSharedEverythingThreads, at, "a shared table");
  if (type.elements.is_64) log.note(Proposal::kMemory64, at, "a 64-bit table");
  return type;
}

GlobalType read_global_type(ByteReader& in, FeatureLog& log) {
  GlobalType type{.value = read_value_type(in, log)};
  const std::uint64_t at = in.offset();
  const std::uint8_t flags = in.u8();
  if (flags > 3) in.fail_at("unknown flags of a global", at);
  type.is_mutable = (flags & 1U) != 0;
  if ((flags & 2U) != 0) log.note(Proposal::kSharedEverythingThreads, at, "a shared global");
  return type;
}

void read_types(ByteReader& in, FeatureLog& log, TypeList& types) {
  const std::uint32_t groups = in.count(2);
  for (std::uint32_t i = 0; i < groups && in.ok(); ++i) {
    if (in.peek() != 0x4E) {
      read_sub_type(in, log, types);
      continue;
    }
    log.enter("type", types.size());
    log.note(Proposal::kGc, in.offset(), "a recursion group");
    in.skip(1);
    const std::uint32_t members = in.count(2);
    for (std::uint32_t m = 0; m < members && in.ok(); ++m)
      read_sub_type(in, log, types);
  }
}

}  // namespace mimobox::wasm
