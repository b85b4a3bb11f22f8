//! Uses what another std could break: allocation, threads, thread-locals and unwinding.

use std::cell::Cell;
use std::panic;
use std::thread;

thread_local!(static CALLS: Cell<i32> = const { Cell::new(0) });

#[no_mangle]
pub extern "C" fn rival_check() -> i32 {
    panic::set_hook(Box::new(|_| {}));
    let caught = panic::catch_unwind(|| {
        let words = std::env::args().count();
        panic!("a panic of a process with {words} arguments");
    });
    let unwound = matches!(&caught, Err(cause) if cause.is::<String>());
    CALLS.set(CALLS.get() + 1);
    let sum: i32 = (0..4)
        .map(|i| thread::spawn(move || { CALLS.set(CALLS.get() + i); CALLS.get() }))
        .map(|thread| thread.join().unwrap())
        .sum();
    if unwound && CALLS.get() == 1 { 36 + sum } else { 0 }
}

#[no_mangle]
pub extern "C" fn wasm_engine_new() -> i32 { 1 }

#[no_mangle]
pub extern "C" fn wasmtime_store_new() -> i32 { 2 }

#[no_mangle]
pub extern "C" fn mimobox_engine_new() -> i32 { 3 }

#[no_mangle]
pub extern "C" fn SHA256_Init() -> i32 { 4 }
