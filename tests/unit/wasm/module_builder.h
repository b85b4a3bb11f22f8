#ifndef MIMOBOX_TESTS_UNIT_WASM_MODULE_BUILDER_H_
#define MIMOBOX_TESTS_UNIT_WASM_MODULE_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace mimobox::wasm::test {

/// Bytes that are put together by hand.
class Bytes {
 public:
  Bytes() = default;
  Bytes(std::initializer_list<unsigned> bytes) {  // NOLINT(google-explicit-constructor)
    for (const unsigned byte : bytes)
      text_.push_back(static_cast<char>(byte));
  }
  explicit Bytes(std::string_view raw) : text_(raw) {}

  Bytes& operator+=(const Bytes& other) {
    text_ += other.text_;
    return *this;
  }
  friend Bytes operator+(Bytes a, const Bytes& b) { return a += b; }

  [[nodiscard]] std::size_t size() const { return text_.size(); }
  [[nodiscard]] std::span<const std::byte> span() const { return std::as_bytes(std::span(text_)); }
  [[nodiscard]] Bytes first(std::size_t count) const {
    return Bytes(std::string_view(text_).substr(0, count));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

inline Bytes leb(std::uint64_t value) {
  Bytes bytes;
  do {
    const auto low = static_cast<unsigned>(value & 0x7FU);
    value >>= 7;
    bytes += Bytes{low | (value != 0 ? 0x80U : 0U)};
  } while (value != 0);
  return bytes;
}

inline Bytes name(std::string_view text) {
  return leb(text.size()) + Bytes(text);
}

inline Bytes sized(const Bytes& bytes) {
  return leb(bytes.size()) + bytes;
}

/// A vector of these elements.
inline Bytes vec(std::initializer_list<Bytes> elements) {
  Bytes bytes = leb(elements.size());
  for (const Bytes& element : elements)
    bytes += element;
  return bytes;
}

inline Bytes header() {
  return {0x00, 0x61, 0x73, 0x6D, 1, 0, 0, 0};
}

inline Bytes section(unsigned id, const Bytes& contents) {
  return Bytes{id} + sized(contents);
}

inline Bytes custom(std::string_view title, const Bytes& contents) {
  return section(0, name(title) + contents);
}

/// A function body without locals.
inline Bytes body(const Bytes& instructions) {
  return sized(Bytes{0} + instructions + Bytes{0x0B});
}

/// A module with one function of type () -> () and this body.
inline Bytes module_with_body(const Bytes& instructions) {
  return header() + section(1, vec({{0x60, 0, 0}})) + section(3, vec({{0}})) +
         section(10, vec({body(instructions)}));
}

/// A module with a little of everything that is offered.
inline Bytes sample_module() {
  const Bytes types = vec({{0x60, 2, 0x7F, 0x7F, 1, 0x7F}, {0x60, 0, 0}});
  const Bytes imports = vec({name("wasi_snapshot_preview1") + name("args_get") + Bytes{0, 0},
                             name("env") + name("base") + Bytes{3, 0x7F, 0}});
  const Bytes exports = vec({name("memory") + Bytes{2, 0}, name("_start") + Bytes{0, 1}});
  return header() + section(1, types) + section(2, imports) + section(3, vec({{1}})) +
         section(4, vec({{0x70, 1, 1, 10}})) + section(5, vec({{1, 2, 16}})) +
         section(6, vec({{0x7F, 1, 0x41, 0x80, 0x80, 0x04, 0x0B}})) + section(7, exports) +
         section(8, {1}) + section(9, vec({{0, 0x41, 0, 0x0B, 1, 1}})) + section(12, {1}) +
         section(10, vec({sized({1, 3, 0x7E, 0x41, 0, 0x41, 0, 0x10, 0, 0x1A, 0x0B})})) +
         section(11, vec({Bytes{0, 0x41, 8, 0x0B} + name("hello")})) +
         custom("name", Bytes{0} + sized(name("sample")) + Bytes{1} +
                            sized(vec({Bytes{1} + name("_start")}))) +
         custom("producers", vec({name("language") + vec({name("C11") + name("")})})) +
         custom("target_features", vec({Bytes{'+'} + name("sign-ext")})) +
         custom(".debug_info", {1, 2, 3});
}

}  // namespace mimobox::wasm::test

#endif  // MIMOBOX_TESTS_UNIT_WASM_MODULE_BUILDER_H_
