//! What a compiled module needs of its store, which the C API does not tell, and its exports by
//! handles that are looked up once: the C API asks for a name each time.

use std::mem::MaybeUninit;
use wasmtime::{Extern, Func, Instance, Module, ModuleExport};
use wasmtime_c_api::{WasmtimeStoreContextMut, wasmtime_module_t};

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

/// The export of that name; none when the module has none, or the name is no UTF-8.
///
/// # Safety
/// `module` is alive, `name` has `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_export_find(
    module: *const wasmtime_module_t,
    name: *const u8,
    size: usize,
) -> Option<Box<ModuleExport>> {
    let module = unsafe { &*module.cast::<Module>() };
    let name = str::from_utf8(unsafe { std::slice::from_raw_parts(name, size) }).ok()?;
    module.get_export_index(name).map(Box::new)
}

#[unsafe(no_mangle)]
pub extern "C" fn mimobox_export_delete(_export: Box<ModuleExport>) {}

/// Sets `function` to the export of an instance; false when the export is no function, or one of another
/// module.
#[unsafe(no_mangle)]
pub extern "C" fn mimobox_export_function(
    store: WasmtimeStoreContextMut<'_>,
    instance: &Instance,
    export: &ModuleExport,
    function: &mut MaybeUninit<Func>,
) -> bool {
    match instance.get_module_export(store, export) {
        Some(Extern::Func(found)) => {
            function.write(found);
            true
        }
        _ => false,
    }
}
