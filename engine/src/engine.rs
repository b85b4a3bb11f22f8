//! An engine constructor that returns its error: the C API's own aborts the process.

use std::ffi::{CString, c_char};
use std::num::NonZeroUsize;
use wasmtime::{Config, Engine, WasmBacktraceDetails, WasmFeatures};
use wasmtime_c_api::{wasm_config_t, wasm_engine_t};

const _: () = assert!(size_of::<wasm_config_t>() == size_of::<Config>());
const _: () = assert!(size_of::<wasm_engine_t>() == size_of::<Engine>());

/// Makes an engine of `config`, which it consumes. One that only runs what was compiled before has no
/// compiler, whose settings take longer to make than all the rest of it.
///
/// On failure returns null and sets `error` to a C string that `mimobox_string_delete` frees.
///
/// # Safety
/// `config` comes from `wasm_config_new`; `error` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_engine_new(
    config: *mut wasm_config_t,
    compiles: bool,
    error: *mut *mut c_char,
) -> *mut wasm_engine_t {
    // wasm_config_t and wasm_engine_t are repr(C) structs of this one field (asserted above).
    let mut config = unsafe { Box::from_raw(config.cast::<Config>()) };
    // Backtraces tell file and line where a module has DWARF. The default would ask the host's
    // environment (WASMTIME_BACKTRACE_DETAILS).
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    config.wasm_backtrace_max_frames(NonZeroUsize::new(64));
    // Building without the collector leaves these two on. What is off is refused by name.
    config.wasm_gc(false);
    config.wasm_features(WasmFeatures::FUNCTION_REFERENCES, false);
    // No stack of this size is ever made (that is for async calls), but the engine wants it to be at
    // least as large as the guests' own.
    config.async_stack_size(16 << 20);
    config.enable_compiler(compiles);
    #[cfg(target_arch = "x86_64")]
    unsafe {
        config.detect_host_feature(crate::features::has)
    };
    match Engine::new(&config) {
        Ok(engine) => Box::into_raw(Box::new(engine)).cast(),
        Err(cause) => {
            let text = format!("{cause:#}").replace('\0', " ");
            unsafe { *error = CString::new(text).unwrap_or_default().into_raw() };
            std::ptr::null_mut()
        }
    }
}

/// Frees a string that this library returned. Null is allowed.
///
/// # Safety
/// `text` comes from this library and is freed once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_string_delete(text: *mut c_char) {
    if !text.is_null() {
        drop(unsafe { CString::from_raw(text) });
    }
}
