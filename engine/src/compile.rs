//! Compiling as a pure function: the bytes of a module in, an artifact out, nothing mapped or kept.

use std::ffi::{CString, c_char};
use std::sync::OnceLock;
use wasmtime::{Engine, Error};
use wasmtime_c_api::{wasm_byte_vec_t, wasm_engine_t, wasmtime_error_t};

/// Starts the threads that validating and compiling use, once per process. Left to themselves they start
/// at their first use, and a host that gives no thread then ends the process.
///
/// Returns whether they run; if not, `error` is a C string that `mimobox_string_delete` frees.
///
/// # Safety
/// `error` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_start_threads(error: *mut *mut c_char) -> bool {
    static STARTED: OnceLock<Result<(), String>> = OnceLock::new();
    let started = STARTED
        .get_or_init(|| rayon::ThreadPoolBuilder::new().build_global().map_err(|e| e.to_string()));
    if let Err(text) = started {
        let text = CString::new(text.as_str()).unwrap_or_default();
        unsafe { *error = text.into_raw() };
    }
    started.is_ok()
}

/// Compiles a binary module, with its start function made an export (start.rs); `artifact` becomes the
/// owner of the result. Returns null or the error.
///
/// # Safety
/// `engine` is alive, `data` has `size` bytes, `artifact` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_compile(
    engine: *const wasm_engine_t,
    data: *const u8,
    size: usize,
    artifact: &mut wasm_byte_vec_t,
) -> Option<Box<wasmtime_error_t>> {
    // wasm_engine_t is a repr(C) struct of this one field (asserted in engine.rs).
    let engine = unsafe { &*engine.cast::<Engine>() };
    let bytes = unsafe { std::slice::from_raw_parts(data, size) };
    let artifact_of = |bytes: &[u8]| engine.precompile_module(bytes);
    let compiled = match crate::start::export_start(bytes) {
        Ok(Some(rewritten)) => artifact_of(&rewritten),
        Ok(None) => artifact_of(bytes),
        Err(error) => Err(error),
    };
    match compiled {
        Ok(bytes) => {
            artifact.set_buffer(bytes);
            None
        }
        Err(error) => Some(Box::new(wasmtime_error_t::from(Error::from(error)))),
    }
}
