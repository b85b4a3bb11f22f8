#ifndef MIMOBOX_WASM_TYPE_READER_H_
#define MIMOBOX_WASM_TYPE_READER_H_

#include "wasm/byte_reader.h"
#include "wasm/proposals.h"
#include "wasm/types.h"

// Readers of types. What is no type makes the ByteReader fail; what belongs to a proposal is noted
// in the log.

namespace mimobox::wasm {

[[nodiscard]] ValueType read_value_type(ByteReader& in, FeatureLog& log);
/// An element type of a table: funcref is part of the first version there.
[[nodiscard]] ValueType read_element_type(ByteReader& in, FeatureLog& log);
/// The operand of ref.null and of casts; gives it as a nullable reference.
ValueType read_heap_type(ByteReader& in, FeatureLog& log);
void skip_block_type(ByteReader& in, FeatureLog& log);

[[nodiscard]] MemoryType read_memory_type(ByteReader& in, FeatureLog& log);
[[nodiscard]] TableType read_table_type(ByteReader& in, FeatureLog& log);
[[nodiscard]] GlobalType read_global_type(ByteReader& in, FeatureLog& log);

/// The type section.
void read_types(ByteReader& in, FeatureLog& log, TypeList& types);

}  // namespace mimobox::wasm

#endif  // MIMOBOX_WASM_TYPE_READER_H_
