//! A store limiter that counts what it denies and refuses growth once the run is being stopped: the
//! C API's own tells nobody.

use std::sync::atomic::{AtomicU32, Ordering};
use wasmtime::{ResourceLimiter, Result, Store, bail};
use wasmtime_c_api::{WasmtimeStoreData, wasmtime_store_t};

const _: () = assert!(size_of::<wasmtime_store_t>() == size_of::<Store<WasmtimeStoreData>>());

/// `mimobox_limiter_t` of the header: the limits go in, the counts come out.
#[repr(C)]
pub struct Limiter {
    memory_limit_bytes: u64,
    table_limit_elements: u64,
    stop_word: *const AtomicU32,
    memory_bytes: u64,
    refused_minimum_bytes: u64,
    refused_table_elements: u64,
    denied_grows: u64,
    table_elements: u64,
    last_grow_denied: bool,
    stopped: bool,
}

// One run, one thread at a time; the stop word is atomic.
unsafe impl Send for Limiter {}
unsafe impl Sync for Limiter {}

impl Limiter {
    /// An error ends the guest, a plain `false` would let it go on.
    fn check_stop(&mut self) -> Result<()> {
        if unsafe { &*self.stop_word }.load(Ordering::Acquire) != 0 {
            self.stopped = true;
            bail!("the run is being stopped");
        }
        Ok(())
    }

    fn deny(&mut self) -> bool {
        self.denied_grows += 1;
        self.last_grow_denied = true;
        false
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        self.check_stop()?;
        let desired = desired as u64;
        if current == 0 && desired > self.memory_limit_bytes && self.memory_bytes == 0 {
            self.refused_minimum_bytes = desired;
        }
        if desired > self.memory_limit_bytes || maximum.is_some_and(|max| desired > max as u64) {
            return Ok(self.deny());
        }
        self.last_grow_denied = false;
        self.memory_bytes = desired;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> Result<()> {
        // Also called for what memory_growing denied, which is counted there.
        if !self.last_grow_denied {
            self.deny();
        }
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool> {
        self.check_stop()?;
        let all = self.table_elements.saturating_add((desired.saturating_sub(current)) as u64);
        if all > self.table_limit_elements {
            if current == 0 && self.refused_table_elements == 0 {
                self.refused_table_elements = all;
            }
            return Ok(false);
        }
        self.table_elements = all;
        Ok(true)
    }

    fn instances(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        100
    }
}

/// Sets the store's limiter.
///
/// # Safety
/// `limiter` outlives the store and is touched by nobody else while the store runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_store_set_limiter(
    store: *mut wasmtime_store_t,
    limiter: *mut Limiter,
) {
    // wasmtime_store_t is a repr(C) struct of this one field (asserted above).
    let store = unsafe { &mut *store.cast::<Store<WasmtimeStoreData>>() };
    let address = limiter as usize;
    store.limiter(move |_| unsafe { &mut *(address as *mut Limiter) });
}
