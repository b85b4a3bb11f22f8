#ifndef MIMOBOX_ENGINE_H_
#define MIMOBOX_ENGINE_H_

/* What engine/src adds to Wasmtime's C API. */

#include <stdbool.h>
#include <stdint.h>
#include <wasmtime.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes an engine of `config`, which is consumed in any case. On failure returns NULL and sets
 * `*error` to a text that mimobox_string_delete() frees. */
wasm_engine_t* mimobox_engine_new(wasm_config_t* config, char** error);

void mimobox_string_delete(char* text);

/* Slots for instances, mapped once per engine and reset after each use. */
typedef struct mimobox_pool {
  uint32_t slots;             /* instances at a time */
  uint32_t tables_per_slot;
  uint64_t memory_bytes;      /* the largest linear memory of a slot */
  uint64_t table_elements;    /* of each table */
  uint64_t keep_memory_bytes; /* of a slot's memory that is reset by writing and stays resident */
  uint64_t keep_table_bytes;  /* the same for each table */
  bool pagemap_scan;          /* asks the kernel which pages were written, where it can tell */
} mimobox_pool_t;

/* Makes engines of `config` take instances from a pool; a module that fits no slot is then refused when it
 * is loaded, and mimobox_engine_new() fails where the machine refuses the reservation. */
void mimobox_config_pool(wasm_config_t* config, const mimobox_pool_t* pool);

/* Whether this kernel can tell which pages of a slot were written. */
bool mimobox_has_pagemap_scan(void);

/* Whether an instance could not be made because all slots of the pool are taken. */
bool mimobox_error_is_pool_full(const wasmtime_error_t* error);

/* Starts the threads that validating and compiling use, once per process; to be called before either. On
 * failure returns false and sets `*error` to a text that mimobox_string_delete() frees. */
bool mimobox_start_threads(char** error);

/* Compiles `size` bytes of a binary module and keeps nothing: on success returns NULL and makes
 * `*artifact` (to be deleted by the caller) what wasmtime_module_deserialize() takes on an engine of the
 * same settings. Any thread. */
wasmtime_error_t* mimobox_compile(const wasm_engine_t* engine, const uint8_t* data, size_t size,
                                  wasm_byte_vec_t* artifact);

/* How many tables the module has of its own. */
uint32_t mimobox_module_table_count(const wasmtime_module_t* module);

/* Borrowed text without a closing NUL; `data` is NULL when there is none. */
typedef struct mimobox_text {
  const char* data;
  size_t size;
} mimobox_text_t;

/* One frame of a backtrace. The texts are what the guest's module says. */
typedef struct mimobox_frame {
  mimobox_text_t function_name;
  mimobox_text_t file;     /* from DWARF */
  uint64_t module_offset;  /* in the module's bytes; UINT64_MAX when unknown */
  uint32_t function_index;
  uint32_t line;           /* from DWARF; 0 when unknown */
} mimobox_frame_t;

/* Calls `visit` for each frame of the trap, the innermost first (inlined functions are frames too),
 * until it returns false. A frame is valid during its call. */
void mimobox_trap_frames(const wasm_trap_t* trap,
                         bool (*visit)(void* context, const mimobox_frame_t* frame), void* context);

/* The limits of one store (the first five fields, set by the caller) and what became of them. */
typedef struct mimobox_limiter {
  uint64_t memory_limit_bytes;
  uint64_t table_limit_elements;   /* of all tables together */
  const void* stop_word;           /* an atomic uint32: not 0 once the run is being stopped */
  uint32_t tables_to_make;         /* the module's own; the store takes no more */
  bool end_on_denied;              /* a grow that is denied ends the guest */
  bool memory_made;
  bool last_grow_denied;           /* of the memory */
  bool stopped;                    /* a grow ended the guest because of the stop word */
  bool ended_by_memory;            /* ... because it was denied: end_on_denied */
  bool ended_by_table;
  uint64_t memory_bytes;           /* size of the linear memory: its peak, since none shrinks */
  uint64_t refused_minimum_bytes;  /* not 0: the memory's declared minimum is above the limit */
  uint64_t refused_table_elements; /* not 0: the tables' declared minimum is above the limit */
  uint64_t denied_grows;           /* of the memory */
  uint64_t table_elements;         /* of all tables: their peak */
  uint64_t denied_table_grows;
} mimobox_limiter_t;

/* `limiter` is borrowed until the store is deleted. */
void mimobox_store_set_limiter(wasmtime_store_t* store, mimobox_limiter_t* limiter);

#ifdef __cplusplus
}
#endif

#endif  /* MIMOBOX_ENGINE_H_ */
