//! Compiling as a pure function: the bytes of a module in, an artifact out, nothing mapped or kept.

use wasmtime::{Engine, Error};
use wasmtime_c_api::{wasm_byte_vec_t, wasm_engine_t, wasmtime_error_t};

/// Compiles a binary module; `artifact` becomes the owner of the result. Returns null or the error.
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
    match engine.precompile_module(bytes) {
        Ok(bytes) => {
            artifact.set_buffer(bytes);
            None
        }
        Err(error) => Some(Box::new(wasmtime_error_t::from(Error::from(error)))),
    }
}
