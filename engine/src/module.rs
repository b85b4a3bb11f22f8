//! What a compiled module needs of its store, which the C API does not tell.

use wasmtime::Module;
use wasmtime_c_api::wasmtime_module_t;

const _: () = assert!(size_of::<wasmtime_module_t>() == size_of::<Module>());

/// How many tables the module has of its own.
///
/// # Safety
/// `module` is alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_module_table_count(module: *const wasmtime_module_t) -> u32 {
    // wasmtime_module_t is a struct of this one field, of the same size (asserted above).
    let module = unsafe { &*module.cast::<Module>() };
    module.resources_required().num_tables
}
