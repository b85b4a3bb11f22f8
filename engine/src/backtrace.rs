//! The frames of a trap with file and line, which the C API does not tell.

use std::ffi::c_void;
use std::mem::offset_of;
use wasmtime::{Error, FrameInfo, WasmBacktrace};
use wasmtime_c_api::wasm_trap_t;

const _: () = assert!(size_of::<wasm_trap_t>() == size_of::<Error>());

/// `mimobox_text_t` of the header: borrowed text, not closed by a NUL. Null when there is none.
#[repr(C)]
pub struct Text {
    data: *const u8,
    size: usize,
}

impl From<Option<&str>> for Text {
    fn from(text: Option<&str>) -> Text {
        match text {
            Some(text) => Text { data: text.as_ptr(), size: text.len() },
            None => Text { data: std::ptr::null(), size: 0 },
        }
    }
}

/// `mimobox_frame_t` of the header.
#[repr(C)]
pub struct Frame {
    function_name: Text,
    file: Text,
    module_offset: u64,
    function_index: u32,
    line: u32,
}
const _: () = assert!(offset_of!(Frame, module_offset) == 4 * size_of::<usize>());

type Visit = extern "C" fn(context: *mut c_void, frame: &Frame) -> bool;

/// Calls `visit` for one frame, and once more for each function that was inlined into it, the innermost
/// first; false when the visitor has seen enough.
fn visit_frame(info: &FrameInfo, visit: Visit, context: *mut c_void) -> bool {
    let own_name = info.func_name();
    let base = |name: Option<&str>, file: Option<&str>, line: Option<u32>| Frame {
        function_name: name.into(),
        file: file.into(),
        module_offset: info.module_offset().map_or(u64::MAX, |offset| offset as u64),
        function_index: info.func_index(),
        line: line.unwrap_or(0),
    };
    if info.symbols().is_empty() {
        return visit(context, &base(own_name, None, None));
    }
    let last = info.symbols().len() - 1;
    info.symbols().iter().enumerate().all(|(index, symbol)| {
        // The outermost one is the function itself, whose name the name section has demangled.
        let name = if index == last { own_name.or(symbol.name()) } else { symbol.name() };
        visit(context, &base(name, symbol.file(), symbol.line()))
    })
}

/// Calls `visit` for each frame of a trap's backtrace, the innermost first, until it returns false.
/// What a frame points at is valid during that call.
///
/// # Safety
/// `trap` is alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_trap_frames(
    trap: *const wasm_trap_t,
    visit: Visit,
    context: *mut c_void,
) {
    // wasm_trap_t is a repr(C) struct of this one field (asserted above).
    let error = unsafe { &*trap.cast::<Error>() };
    if let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() {
        backtrace.frames().iter().all(|info| visit_frame(info, visit, context));
    }
}
