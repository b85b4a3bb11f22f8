//! What the processor has, as the C library found out at the start of the process. Rust's own detection asks
//! the processor some ten times, and in a virtual machine each CPUID instruction ends in the hypervisor: tens
//! of microseconds that a short run of the command would pay again.

use std::ffi::c_uint;

/// The C library's `struct cpuid_feature` (sys/platform/x86.h, glibc 2.33).
#[repr(C)]
struct Leaf {
    said: [c_uint; 4],
    /// Those of which the kernel saves what they need, too.
    active: [c_uint; 4],
}

unsafe extern "C" {
    fn __x86_get_cpuid_feature_leaf(index: c_uint) -> *const Leaf;
}

// The C library's indices of leaves (CPUID_INDEX_*), and registers in its order.
const LEAF_1: c_uint = 0;
const LEAF_7: c_uint = 1;
const LEAF_80000001: c_uint = 2;
const LEAF_7_1: c_uint = 6;
const EAX: usize = 0;
const EBX: usize = 1;
const ECX: usize = 2;

fn leaf(index: c_uint) -> &'static Leaf {
    // The C library has an answer for every index: all zero for those that it does not know.
    unsafe { &*__x86_get_cpuid_feature_leaf(index) }
}

/// False also where the C library does not know it, or was told to leave the feature alone (GLIBC_TUNABLES).
fn active(index: c_uint, register: usize, bit: u32) -> bool {
    leaf(index).active[register] & (1 << bit) != 0
}

/// What the processor said, whatever the environment tells the C library.
fn said(index: c_uint, register: usize, bit: u32) -> bool {
    leaf(index).said[register] & (1 << bit) != 0
}

macro_rules! features {
    ($($name:tt at $leaf:ident $register:ident $bit:literal,)*) => {
        /// Answers the engine whether this machine has a feature that compiled code needs.
        pub fn has(feature: &str) -> Option<bool> {
            match feature {
                // The processor has the last word: what the C library leaves alone may be there.
                $($name => Some(active($leaf, $register, $bit) || std::is_x86_feature_detected!($name)),)*
                _ => None,
            }
        }

        /// The features that tell this machine's code from another's. A compile helper, which has no
        /// environment, finds the same. What the kernel does not save is among them: an engine that loads code
        /// asks `has`.
        pub fn found() -> impl Iterator<Item = (&'static str, bool)> {
            [$(($name, said($leaf, $register, $bit))),*].into_iter()
        }

        /// The features that code for this machine may use, as the C library found.
        fn usable() -> impl Iterator<Item = (&'static str, bool)> {
            [$(($name, active($leaf, $register, $bit))),*].into_iter()
        }

        /// The same, as the processor says.
        fn asked() -> impl Iterator<Item = (&'static str, bool)> {
            [$(($name, std::is_x86_feature_detected!($name))),*].into_iter()
        }
    };
}

// Those that cranelift-native asks for (see its infer_native_flags) and Engine::check_compatible_with_isa_flag
// knows.
features! {
    "sse3" at LEAF_1 ECX 0,
    "ssse3" at LEAF_1 ECX 9,
    "fma" at LEAF_1 ECX 12,
    "cmpxchg16b" at LEAF_1 ECX 13,
    "sse4.1" at LEAF_1 ECX 19,
    "sse4.2" at LEAF_1 ECX 20,
    "popcnt" at LEAF_1 ECX 23,
    "avx" at LEAF_1 ECX 28,
    "bmi1" at LEAF_7 EBX 3,
    "avx2" at LEAF_7 EBX 5,
    "bmi2" at LEAF_7 EBX 8,
    "avx512f" at LEAF_7 EBX 16,
    "avx512dq" at LEAF_7 EBX 17,
    "avx512vl" at LEAF_7 EBX 31,
    "avx512vbmi" at LEAF_7 ECX 1,
    "avx512vnni" at LEAF_7 ECX 11,
    "avx512bitalg" at LEAF_7 ECX 12,
    "lzcnt" at LEAF_80000001 ECX 5,
    "avxvnni" at LEAF_7_1 EAX 4,
}

/// Whether the C library's answers are the processor's own. For a test: both have to go by the same rules, and
/// the lists of features are written by hand.
#[unsafe(no_mangle)]
pub extern "C" fn mimobox_features_agree() -> bool {
    usable().eq(asked())
}
