//! Instances from slots that are mapped once and reset after each use. The C API lacks the choice of how
//! they are reset, and tells only in text that all are taken.

use wasmtime::{
    Config, Enabled, Error, InstanceAllocationStrategy, PoolConcurrencyLimitError,
    PoolingAllocationConfig,
};
use wasmtime_c_api::{wasm_config_t, wasmtime_error_t};

const _: () = assert!(size_of::<wasmtime_error_t>() == size_of::<Error>());

/// Vtables and globals of one instance: far above what any toolchain's output needs.
const CORE_INSTANCE_BYTES: usize = 16 << 20;

/// `mimobox_pool_t` of the header.
#[repr(C)]
pub struct Pool {
    slots: u32,
    tables_per_slot: u32,
    memory_bytes: u64,
    table_elements: u64,
    keep_memory_bytes: u64,
    keep_table_bytes: u64,
    pagemap_scan: bool,
}

/// Makes engines of `config` take instances from a pool.
///
/// # Safety
/// `config` is alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_config_pool(config: *mut wasm_config_t, pool: &Pool) {
    // wasm_config_t is a repr(C) struct of this one field (asserted in engine.rs).
    let config = unsafe { &mut *config.cast::<Config>() };
    let mut settings = PoolingAllocationConfig::new();
    settings
        .total_core_instances(pool.slots)
        .total_memories(pool.slots)
        .total_tables(pool.slots.saturating_mul(pool.tables_per_slot))
        .max_unused_warm_slots(pool.slots)
        .max_core_instance_size(CORE_INSTANCE_BYTES)
        .max_memories_per_module(1)
        .max_tables_per_module(pool.tables_per_slot)
        .max_memory_size(pool.memory_bytes as usize)
        .table_elements(pool.table_elements as usize)
        .linear_memory_keep_resident(pool.keep_memory_bytes as usize)
        .table_keep_resident(pool.keep_table_bytes as usize)
        .pagemap_scan(if pool.pagemap_scan { Enabled::Auto } else { Enabled::No });
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(settings));
}

/// Whether this kernel can tell which pages of a slot were written (PAGEMAP_SCAN).
#[unsafe(no_mangle)]
pub extern "C" fn mimobox_has_pagemap_scan() -> bool {
    PoolingAllocationConfig::is_pagemap_scan_available()
}

/// Whether an instance could not be made because all slots of the pool are taken.
///
/// # Safety
/// `error` is alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_error_is_pool_full(error: *const wasmtime_error_t) -> bool {
    // wasmtime_error_t is a repr(C) struct of this one field (asserted above).
    unsafe { &*error.cast::<Error>() }.is::<PoolConcurrencyLimitError>()
}
