//! Artifacts: opening one from a descriptor, and what says whether an engine takes it. The C API opens
//! paths only, behind which another file may stand by then.

use std::fs::File;
use std::hash::{Hash, Hasher};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use wasmtime::{Engine, Module};
use wasmtime_c_api::{wasm_byte_vec_t, wasm_engine_t, wasmtime_error_t, wasmtime_module_t};

const _: () = assert!(size_of::<wasmtime_module_t>() == size_of::<Module>());
const _: () = assert!(align_of::<wasmtime_module_t>() == align_of::<Module>());

/// Maps the artifact that a file begins with; bytes behind it do not matter. `module` becomes the owner of
/// the result. Returns null or the error. The descriptor is consumed, and open as long as the module lives.
///
/// # Safety
/// `engine` is alive, `fd` is an open descriptor of the caller's, `module` may be written. What the file
/// holds is an artifact of `mimobox_compile` and does not change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_module_map(
    engine: *const wasm_engine_t,
    fd: RawFd,
    module: &mut *mut wasmtime_module_t,
) -> Option<Box<wasmtime_error_t>> {
    // wasm_engine_t is a repr(C) struct of this one field (asserted in engine.rs).
    let engine = unsafe { &*engine.cast::<Engine>() };
    let file = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    match unsafe { Module::deserialize_open_file(engine, file) } {
        Ok(mapped) => {
            // wasmtime_module_t is a struct of this one field (asserted above).
            *module = Box::into_raw(Box::new(mapped)).cast();
            None
        }
        Err(error) => Some(Box::new(wasmtime_error_t::from(error))),
    }
}

#[cfg(target_arch = "aarch64")]
unsafe extern "C" {
    fn getauxval(kind: std::ffi::c_ulong) -> std::ffi::c_ulong;
}

/// Keeps what is hashed instead of a hash of it.
struct Collector(Vec<u8>);

impl Hasher for Collector {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// What code depends on of the engine but its compiler (version, settings of the engine) and, for code
/// that uses all that this machine has (`native`), of the machine, as bytes: with the build of this library and
/// the settings of the compiler, all that there is.
///
/// # Safety
/// `engine` is alive, `settings` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_engine_settings(
    engine: *const wasm_engine_t,
    native: bool,
    settings: &mut wasm_byte_vec_t,
) {
    let engine = unsafe { &*engine.cast::<Engine>() };
    let mut collector = Collector(Vec::new());
    engine.precompile_compatibility_hash().hash(&mut collector);
    #[cfg(target_arch = "x86_64")]
    if native {
        for found in crate::features::found() {
            found.hash(&mut collector);
        }
    }
    #[cfg(target_arch = "aarch64")]
    if native {
        // AT_HWCAP, AT_HWCAP2
        for kind in [16, 26] {
            unsafe { getauxval(kind) }.hash(&mut collector);
        }
    }
    settings.set_buffer(collector.0);
}
