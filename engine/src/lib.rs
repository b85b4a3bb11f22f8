//! The engine as one static library: Wasmtime's C API, and beside it the few functions that the C API
//! lacks (declared in include/mimobox_engine.h). Keep them few: the rest is C++.

pub use wasmtime_c_api::*;

mod artifact;
mod backtrace;
mod compile;
mod engine;
#[cfg(target_arch = "x86_64")]
mod features;
mod interrupt;
mod limiter;
mod module;
mod pool;
mod start;
