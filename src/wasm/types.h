#ifndef MIMOBOX_WASM_TYPES_H_
#define MIMOBOX_WASM_TYPES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mimobox::wasm {

/// A value's type as the binary spells it.
struct ValueType {
  std::uint8_t code = 0;    ///< 0x7f = i32 ...; 0x63 and 0x64 = (ref null X) and (ref X)
  std::uint8_t heap = 0;    ///< X of 0x63 and 0x64 when it is abstract; 0 when it is `index`
  std::uint32_t index = 0;  ///< the type that X is

  friend bool operator==(const ValueType&, const ValueType&) = default;
};
inline constexpr ValueType kI32{.code = 0x7F};
inline constexpr ValueType kI64{.code = 0x7E};

/// "i32", "funcref", "(ref null 5)".
[[nodiscard]] std::string to_text(const ValueType& type);

/// Bounds of a memory (pages) or a table (elements).
struct Bounded {
  std::uint64_t min = 0;
  std::optional<std::uint64_t> max = {};
  bool shared = false;
  bool is_64 = false;

  friend bool operator==(const Bounded&, const Bounded&) = default;
};

struct MemoryType {
  Bounded pages = {};
  /// Log2 of a page's bytes: 16 unless the module says otherwise.
  std::uint32_t page_size_log2 = 16;

  friend bool operator==(const MemoryType&, const MemoryType&) = default;
};

struct TableType {
  ValueType element = {};
  Bounded elements = {};

  friend bool operator==(const TableType&, const TableType&) = default;
};

struct GlobalType {
  ValueType value = {};
  bool is_mutable = false;

  friend bool operator==(const GlobalType&, const GlobalType&) = default;
};

/// "64-bit memory, 2 pages, at most 16, shared".
[[nodiscard]] std::string to_text(const MemoryType& type);
/// "funcref table, 1 element, at most 10".
[[nodiscard]] std::string to_text(const TableType& type);
/// "mutable i32".
[[nodiscard]] std::string to_text(const GlobalType& type);

/// A function type of a `TypeList`, borrowed from it.
struct FunctionType {
  std::span<const ValueType> params;
  std::span<const ValueType> results;
};

/// "(i32, i32) -> i32"; a long list is cut ("... 984 more").
[[nodiscard]] std::string to_text(const FunctionType& type);

/// The types of a module, packed: one pool of values for all of them. It keeps what a valid module
/// can have and no more, whatever the module claims.
class TypeList {
 public:
  /// The engine's own bound on types.
  static constexpr std::size_t kMaxKeptTypes = 1'000'000;
  static constexpr std::size_t kMaxKeptValues = 8'000'000;

  /// How many types there are, those not kept included.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// The function type of this index; nothing when there is none or it was not kept.
  [[nodiscard]] std::optional<FunctionType> function(std::uint32_t index) const;
  /// Its text, or "type N".
  [[nodiscard]] std::string function_text(std::uint32_t index) const;

  /// Building: the values of the next type, its parameters first, then `end_function`. A type that
  /// is no function is `end_other`.
  void add_value(ValueType value);
  void end_function(std::uint32_t params);
  void end_other();

 private:
  struct Entry {
    std::uint32_t first = 0;
    std::uint32_t params = 0;
    std::uint32_t results = 0;
    bool is_function = false;
  };
  void end(std::uint32_t params, bool is_function);

  std::vector<ValueType> values_;
  std::vector<Entry> entries_;
  std::uint64_t size_ = 0;
  std::size_t begun_at_ = 0;
  bool full_ = false;
};

}  // namespace mimobox::wasm

#endif  // MIMOBOX_WASM_TYPES_H_
