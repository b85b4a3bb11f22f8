//! A store limiter that counts what it denies and refuses growth once the run is being stopped: the
//! C API's own tells nobody.

use std::sync::atomic::{AtomicU32, Ordering};
use wasmtime::{ResourceLimiter, Result, Store, StoreLimitsBuilder, Trap, UpdateDeadline, bail};
use wasmtime_c_api::{WasmtimeStoreData, wasmtime_store_t};

const _: () = assert!(size_of::<wasmtime_store_t>() == size_of::<Store<WasmtimeStoreData>>());

/// `mimobox_limiter_t` of the header: the limits go in, the counts come out.
#[repr(C)]
pub struct Limiter {
    memory_limit_bytes: u64,
    table_limit_elements: u64,
    stop_word: *const AtomicU32,
    /// Tables of the module that are still to be made: until then a request is a declared minimum.
    tables_to_make: u32,
    end_on_denied: bool,
    memory_made: bool,
    last_grow_denied: bool,
    stopped: bool,
    ended_by_memory: bool,
    ended_by_table: bool,
    memory_bytes: u64,
    refused_minimum_bytes: u64,
    refused_table_elements: u64,
    denied_grows: u64,
    table_elements: u64,
    denied_table_grows: u64,
}

// One run, one thread at a time; the stop word is atomic.
unsafe impl Send for Limiter {}
unsafe impl Sync for Limiter {}

impl Limiter {
    fn is_stopped(&mut self) -> bool {
        self.stopped |= unsafe { &*self.stop_word }.load(Ordering::Acquire) != 0;
        self.stopped
    }

    /// A trap ends the guest and tells where it was, a plain `false` would let it go on.
    fn check_stop(&mut self) -> Result<()> {
        if self.is_stopped() { Err(Trap::Interrupt.into()) } else { Ok(()) }
    }

    /// Counts a denied grow of the memory: `false` for the guest, or an error that ends it.
    fn deny_memory(&mut self) -> Result<bool> {
        self.denied_grows += 1;
        self.last_grow_denied = true;
        self.ended_by_memory = self.end_on_denied;
        if self.end_on_denied {
            bail!("the guest was denied more memory");
        }
        Ok(false)
    }

    fn deny_table(&mut self) -> Result<bool> {
        self.denied_table_grows += 1;
        self.ended_by_table = self.end_on_denied;
        if self.end_on_denied {
            bail!("the guest was denied more table elements");
        }
        Ok(false)
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        self.check_stop()?;
        let desired = desired as u64;
        let is_minimum = !std::mem::replace(&mut self.memory_made, true);
        if is_minimum && desired > self.memory_limit_bytes {
            self.refused_minimum_bytes = desired;
            return Ok(false);
        }
        // The module's own bound, where that is the smaller one: no limit of ours is in its way.
        let own = maximum.map_or(u64::MAX, |max| max as u64);
        self.last_grow_denied = false;
        if desired > own && own < self.memory_limit_bytes {
            return Ok(false);
        }
        if desired > self.memory_limit_bytes {
            return self.deny_memory();
        }
        self.memory_bytes = desired;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> Result<()> {
        // More than 4 GiB, or the host has no memory: memory_growing was not asked, or said yes.
        self.deny_memory().map(|_| ())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        self.check_stop()?;
        let added = |size: usize| size.saturating_sub(current) as u64;
        let all = self.table_elements.saturating_add(added(desired));
        let is_minimum = self.tables_to_make > 0;
        self.tables_to_make = self.tables_to_make.saturating_sub(1);
        if is_minimum && all > self.table_limit_elements {
            self.refused_table_elements = all;
            return Ok(false);
        }
        // As for memories; the limit leaves this table what the others have not taken.
        let own = maximum.unwrap_or(usize::MAX);
        let left = self.table_limit_elements.saturating_sub(self.table_elements);
        if desired > own && added(own) < left {
            return Ok(false);
        }
        if all > self.table_limit_elements {
            return self.deny_table();
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
        self.tables_to_make as usize
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
    // A closure without captures needs no memory. The C API's own limits, which nothing else here looks
    // at, keep the address for it.
    store.data_mut().store_limits = StoreLimitsBuilder::new().instances(limiter as usize).build();
    store.limiter(|data| unsafe { &mut *(data.store_limits.instances() as *mut Limiter) });
}

/// Makes the store's guest look at its limiter's stop word at each move of the engine's epoch, for
/// whichever store that was made: one that is being stopped traps, every other goes on.
///
/// # Safety
/// `limiter` outlives the store and is touched by nobody else while the store runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mimobox_store_stop_at_epoch(
    store: *mut wasmtime_store_t,
    limiter: *mut Limiter,
) {
    // wasmtime_store_t is a repr(C) struct of this one field (asserted above).
    let store = unsafe { &mut *store.cast::<Store<WasmtimeStoreData>>() };
    let address = limiter as usize;
    store.epoch_deadline_callback(move |_| {
        let limiter = unsafe { &mut *(address as *mut Limiter) };
        Ok(if limiter.is_stopped() { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(1) })
    });
    store.set_epoch_deadline(1);
}
