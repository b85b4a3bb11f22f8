//! What interrupting compiled code from a signal handler has to know of the engine: where function bodies
//! lie, where a trap stands, and where a running guest's entry frame and memory are written down.

use crate::backtrace::Text;
use std::ffi::c_void;
use wasmtime::Module;
use wasmtime_c_api::wasmtime_module_t;
use wasmtime_environ::{
    BuiltinFunctionIndex, DefinedMemoryIndex, HostPtr, PtrSize, VMCONTEXT_MAGIC, VMOffsets, VMOffsetsFields,
};

const _: () = assert!(size_of::<wasmtime_module_t>() == size_of::<Module>());
const _: () = assert!(align_of::<wasmtime_module_t>() == align_of::<Module>());

unsafe fn module_of<'a>(module: *const wasmtime_module_t) -> &'a Module {
    // wasmtime_module_t is a struct of this one field (asserted above).
    unsafe { &*module.cast::<Module>() }
}

/// The module's compiled code; `size` is set to its bytes.
///
/// # Safety
/// `module` is alive, `size` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_module_text(
    module: *const wasmtime_module_t,
    size: &mut usize,
) -> *const u8 {
    let text = unsafe { module_of(module) }.text();
    *size = text.len();
    text.as_ptr()
}

/// How many functions the module defines.
///
/// # Safety
/// `module` is alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_module_function_count(module: *const wasmtime_module_t) -> usize {
    unsafe { module_of(module) }.functions().len()
}

/// Where an instance of the module keeps the address of its first memory, for `mimobox_activation_of`;
/// 0 when it defines none. The module imports no memory.
///
/// # Safety
/// `module` is alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_module_memory_offset(module: *const wasmtime_module_t) -> u32 {
    let memories = unsafe { module_of(module) }.resources_required().num_memories;
    if memories == 0 {
        return 0;
    }
    let offsets = VMOffsets::from(VMOffsetsFields {
        ptr: HostPtr,
        num_imported_functions: 0,
        num_imported_tables: 0,
        num_imported_memories: 0,
        num_imported_globals: 0,
        num_imported_tags: 0,
        num_defined_tables: 0,
        num_defined_globals: 0,
        num_defined_memories: memories,
        num_owned_memories: memories,
        num_defined_tags: 0,
        num_escaped_funcs: 0,
        num_runtime_data: 0,
        has_startup_func: false,
    });
    offsets.vmctx_vmmemory_pointer(DefinedMemoryIndex::from_u32(0))
}

/// `mimobox_body_t` of the header.
#[repr(C)]
pub struct Body {
    index: u32,
    offset: usize,
    size: usize,
    name: Text,
}

type VisitBody = extern "C" fn(context: *mut c_void, body: &Body) -> bool;

/// Calls `visit` for the body of each function that the module defines, by the engine's own table, until
/// it returns false.
///
/// # Safety
/// `module` is alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_module_bodies(
    module: *const wasmtime_module_t,
    visit: VisitBody,
    context: *mut c_void,
) {
    for body in unsafe { module_of(module) }.functions() {
        let body = Body {
            index: body.index.as_u32(),
            offset: body.offset,
            size: body.len,
            name: body.name.as_deref().into(),
        };
        if !visit(context, &body) {
            return;
        }
    }
}

/// `mimobox_activation_t` of the header.
#[repr(C)]
pub struct Activation {
    /// The store's note of the frame by which the host last entered guest code.
    entry_frame: *const usize,
    /// Base and current size of the instance's memory; null when it defines none.
    memory: *const c_void,
    /// Where the instance keeps the address of the table of the engine's own functions.
    builtins: *mut *const *const c_void,
}

/// Where the instance of a function keeps what an interrupt looks at; false when the function is not one
/// that the instance's module defines.
///
/// # Safety
/// `function` comes from `wasmtime_func_to_raw` and its store is alive, with an instance of the module
/// whose `mimobox_module_memory_offset` is given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_activation_of(
    function: *const c_void,
    memory_offset: u32,
    activation: &mut Activation,
) -> bool {
    // The same places that compiled code reads (wasmtime-environ's vmoffsets.rs).
    let at = |base: *const c_void, offset: u32| unsafe { base.byte_add(offset as usize) };
    let pointer_at =
        |base, offset: u32| unsafe { at(base, offset).cast::<*const c_void>().read() };
    let instance = pointer_at(function, u32::from(HostPtr.vm_func_ref().vmctx()));
    if unsafe { instance.cast::<u32>().read() } != VMCONTEXT_MAGIC {
        return false;
    }
    let store = pointer_at(instance, u32::from(HostPtr.vmctx_store_context()));
    let entry = HostPtr.vm_store_context().last_wasm_entry_fp();
    activation.entry_frame = at(store, u32::from(entry)).cast();
    activation.builtins = at(instance, u32::from(HostPtr.vmctx_builtin_functions())).cast_mut().cast();
    activation.memory = match memory_offset {
        0 => std::ptr::null(),
        offset => pointer_at(instance, offset),
    };
    true
}

/// How many functions of the engine's own compiled code calls through an instance's table.
#[unsafe(no_mangle)]
pub extern "C" fn mimobox_builtin_count() -> usize {
    BuiltinFunctionIndex::len() as usize
}

/// Fills `table` with the functions in `original`, all but those that unwind a guest replaced by `trap`.
///
/// # Safety
/// Both have `mimobox_builtin_count()` elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_trapping_builtins(
    original: *const *const c_void,
    trap: *const c_void,
    table: *mut *const c_void,
) {
    let unwinding = [BuiltinFunctionIndex::raise(), BuiltinFunctionIndex::trap()];
    for index in 0..BuiltinFunctionIndex::len() {
        let keep = unwinding.iter().any(|builtin| builtin.index() == index);
        let at = index as usize;
        unsafe { table.add(at).write(if keep { original.add(at).read() } else { trap }) };
    }
}
