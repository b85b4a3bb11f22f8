#ifndef MIMOBOX_FUZZ_SUPPORT_OPERATIONS_H_
#define MIMOBOX_FUZZ_SUPPORT_OPERATIONS_H_

#include <array>
#include <cstdint>

#include "fuzz/support/wasm_writer.h"

namespace mimobox::fuzz {

/// Instructions with consecutive codes, the same operands and the same result, without anything
/// behind the code.
struct Operations {
  std::uint32_t first;
  std::uint32_t last;
  Type result;
  std::uint32_t operands;
  Type operand;
  /// The byte before the code (0xFC, 0xFD); 0 for none.
  std::uint32_t prefix = 0;
};

inline constexpr auto kOperations = std::to_array<Operations>({
    {0x45, 0x45, Type::kI32, 1, Type::kI32},            // eqz
    {0x46, 0x4F, Type::kI32, 2, Type::kI32},            // comparisons
    {0x50, 0x50, Type::kI32, 1, Type::kI64},            //
    {0x51, 0x5A, Type::kI32, 2, Type::kI64},            //
    {0x5B, 0x60, Type::kI32, 2, Type::kF32},            //
    {0x61, 0x66, Type::kI32, 2, Type::kF64},            //
    {0x67, 0x69, Type::kI32, 1, Type::kI32},            // counting bits
    {0x6A, 0x78, Type::kI32, 2, Type::kI32},            // arithmetic; divisions trap
    {0x79, 0x7B, Type::kI64, 1, Type::kI64},            //
    {0x7C, 0x8A, Type::kI64, 2, Type::kI64},            //
    {0x8B, 0x91, Type::kF32, 1, Type::kF32},            //
    {0x92, 0x98, Type::kF32, 2, Type::kF32},            //
    {0x99, 0x9F, Type::kF64, 1, Type::kF64},            //
    {0xA0, 0xA6, Type::kF64, 2, Type::kF64},            //
    {0xA7, 0xA7, Type::kI32, 1, Type::kI64},            // conversions; those of floats trap
    {0xA8, 0xA9, Type::kI32, 1, Type::kF32},            //
    {0xAA, 0xAB, Type::kI32, 1, Type::kF64},            //
    {0xAC, 0xAD, Type::kI64, 1, Type::kI32},            //
    {0xAE, 0xAF, Type::kI64, 1, Type::kF32},            //
    {0xB0, 0xB1, Type::kI64, 1, Type::kF64},            //
    {0xB2, 0xB3, Type::kF32, 1, Type::kI32},            //
    {0xB4, 0xB5, Type::kF32, 1, Type::kI64},            //
    {0xB6, 0xB6, Type::kF32, 1, Type::kF64},            //
    {0xB7, 0xB8, Type::kF64, 1, Type::kI32},            //
    {0xB9, 0xBA, Type::kF64, 1, Type::kI64},            //
    {0xBB, 0xBB, Type::kF64, 1, Type::kF32},            //
    {0xBC, 0xBC, Type::kI32, 1, Type::kF32},            //
    {0xBD, 0xBD, Type::kI64, 1, Type::kF64},            //
    {0xBE, 0xBE, Type::kF32, 1, Type::kI32},            //
    {0xBF, 0xBF, Type::kF64, 1, Type::kI64},            //
    {0xC0, 0xC1, Type::kI32, 1, Type::kI32},            // sign extension
    {0xC2, 0xC4, Type::kI64, 1, Type::kI64},            //
    {0xD1, 0xD1, Type::kI32, 1, Type::kFuncRef},        // is_null
    {0x00, 0x01, Type::kI32, 1, Type::kF32, 0xFC},      // saturating conversions
    {0x02, 0x03, Type::kI32, 1, Type::kF64, 0xFC},      //
    {0x04, 0x05, Type::kI64, 1, Type::kF32, 0xFC},      //
    {0x06, 0x07, Type::kI64, 1, Type::kF64, 0xFC},      //
    {0x0E, 0x0E, Type::kV128, 2, Type::kV128, 0xFD},    // swizzle
    {0x0F, 0x11, Type::kV128, 1, Type::kI32, 0xFD},     // splats
    {0x12, 0x12, Type::kV128, 1, Type::kI64, 0xFD},     //
    {0x13, 0x13, Type::kV128, 1, Type::kF32, 0xFD},     //
    {0x14, 0x14, Type::kV128, 1, Type::kF64, 0xFD},     //
    {0x23, 0x4C, Type::kV128, 2, Type::kV128, 0xFD},    // comparisons
    {0x4D, 0x4D, Type::kV128, 1, Type::kV128, 0xFD},    // bits
    {0x4E, 0x51, Type::kV128, 2, Type::kV128, 0xFD},    //
    {0x52, 0x52, Type::kV128, 3, Type::kV128, 0xFD},    //
    {0x53, 0x53, Type::kI32, 1, Type::kV128, 0xFD},     // any_true
    {0x60, 0x62, Type::kV128, 1, Type::kV128, 0xFD},    // i8x16
    {0x63, 0x64, Type::kI32, 1, Type::kV128, 0xFD},     //
    {0x6E, 0x73, Type::kV128, 2, Type::kV128, 0xFD},    //
    {0xE4, 0xEB, Type::kV128, 2, Type::kV128, 0xFD},    // f32x4
    {0xF0, 0xF7, Type::kV128, 2, Type::kV128, 0xFD},    // f64x2
    {0xF8, 0xFB, Type::kV128, 1, Type::kV128, 0xFD},    // conversions
    {0x100, 0x100, Type::kV128, 2, Type::kV128, 0xFD},  // relaxed
    {0x105, 0x10C, Type::kV128, 3, Type::kV128, 0xFD},  //
});

/// Loads or stores with consecutive codes. (Those of v128 have a prefix and a code of their own.)
struct Accesses {
  std::uint32_t first;
  std::uint32_t last;
  Type type;
};

inline constexpr auto kLoads = std::to_array<Accesses>({
    {0x28, 0x28, Type::kI32},
    {0x2C, 0x2F, Type::kI32},
    {0x29, 0x29, Type::kI64},
    {0x30, 0x35, Type::kI64},
    {0x2A, 0x2A, Type::kF32},
    {0x2B, 0x2B, Type::kF64},
});
inline constexpr auto kStores = std::to_array<Accesses>({
    {0x36, 0x36, Type::kI32},
    {0x3A, 0x3B, Type::kI32},
    {0x37, 0x37, Type::kI64},
    {0x3C, 0x3E, Type::kI64},
    {0x38, 0x38, Type::kF32},
    {0x39, 0x39, Type::kF64},
});

}  // namespace mimobox::fuzz

#endif  // MIMOBOX_FUZZ_SUPPORT_OPERATIONS_H_
