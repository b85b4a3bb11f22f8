#ifndef MIMOBOX_ENGINE_H_
#define MIMOBOX_ENGINE_H_

/* What engine/src adds to Wasmtime's C API. */

#include <stdbool.h>
#include <stdint.h>
#include <wasmtime.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes an engine of `config`, which is consumed in any case; one that does not `compiles` only loads and runs
 * what another one compiled, and costs a fraction. On failure returns NULL and sets `*error` to a text that
 * mimobox_string_delete() frees. */
wasm_engine_t* mimobox_engine_new(wasm_config_t* config, bool compiles, char** error);

#if defined(__x86_64__)
/* Whether the C library tells the same of the processor's features as the processor itself. For a test. */
bool mimobox_features_agree(void);
#endif

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
/* Maps the artifact that the file behind `fd` begins with: on success returns NULL and makes `*module` (to
 * be deleted by the caller). `fd` is consumed in any case and stays open as long as the module lives. The
 * artifact becomes native code: it must be one of mimobox_compile(), and must not change meanwhile. */
wasmtime_error_t* mimobox_module_map(const wasm_engine_t* engine, int fd, wasmtime_module_t** module);

/* What code depends on of an engine that does not compile, as bytes (`*settings`, to be deleted by the
 * caller): version and settings of the engine and, for code that uses all that this machine has (`native`), the
 * features of its processor. The settings of the compiler are to be told apart by who makes them. */
void mimobox_engine_settings(const wasm_engine_t* engine, bool native, wasm_byte_vec_t* settings);

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

/* The body of a function that a module defines. */
typedef struct mimobox_body {
  uint32_t index;       /* the function's, in the module */
  size_t offset;        /* where the body lies in the module's text */
  size_t size;
  mimobox_text_t name;  /* from the name section */
} mimobox_body_t;

/* Calls `visit` for each body, by ascending index, until it returns false. A body is valid during its call. */
void mimobox_module_bodies(const wasmtime_module_t* module,
                           bool (*visit)(void* context, const mimobox_body_t* body), void* context);

/* The name of the export that mimobox_compile() makes of a module's start function begins so; what follows is, in
 * decimal, by how many bytes the module's code section moved. */
#define MIMOBOX_START_EXPORT "mimobox:start:"

/* The module's compiled code; sets `*size` to its bytes. */
const uint8_t* mimobox_module_text(const wasmtime_module_t* module, size_t* size);

/* How many functions the module defines. */
size_t mimobox_module_function_count(const wasmtime_module_t* module);

/* An export of a module, to be found once and used with each of its instances. */
typedef struct mimobox_export mimobox_export_t;

/* NULL when the module has no export of that name. To be deleted by the caller; may outlive the module. */
mimobox_export_t* mimobox_export_find(const wasmtime_module_t* module, const char* name, size_t size);
void mimobox_export_delete(mimobox_export_t* exported);

/* Sets `*function` to the export of an instance of that module; false when it is no function. */
bool mimobox_export_function(wasmtime_context_t* context, const wasmtime_instance_t* instance,
                             const mimobox_export_t* exported, wasmtime_func_t* function);

/* A linear memory as compiled code sees it. */
typedef struct mimobox_memory {
  uint8_t* base;
  size_t size;  /* written while the guest runs: to be read atomically */
} mimobox_memory_t;

/* Where the engine keeps what an interrupt of a running guest looks at. Valid while the store lives. */
typedef struct mimobox_activation {
  const uintptr_t* entry_frame;    /* the frame pointer at which the host last entered guest code */
  const mimobox_memory_t* memory;  /* NULL when the module has none */
  const void* const** builtins;    /* where the instance keeps its table of the engine's own functions */
} mimobox_activation_t;

/* Where an instance of the module, which imports no memory, keeps the address of its first one; 0: it has none. */
uint32_t mimobox_module_memory_offset(const wasmtime_module_t* module);

/* Looks them up by a function of the guest's instance, from wasmtime_func_to_raw(), and the memory offset of its
 * module. False when the function is no guest's. */
bool mimobox_activation_of(const void* function, uint32_t memory_offset, mimobox_activation_t* activation);

/* How many functions of its own the engine has in the table that compiled code calls them through. */
size_t mimobox_builtin_count(void);

/* Fills `table` with what is in `original`, all but the functions that unwind a guest replaced by `trap`. */
void mimobox_trapping_builtins(const void* const* original, const void* trap, const void** table);

/* The limits of one store (the first five fields, set by the caller) and what became of them. */
typedef struct mimobox_limiter {
  uint64_t memory_limit_bytes;
  uint64_t table_limit_elements;   /* of all tables together */
  const void* stop_word;           /* an atomic uint32: not 0 once the run is being stopped */
  uint32_t tables_to_make;         /* the module's own; the store takes no more */
  bool end_on_denied;              /* a grow that is denied ends the guest */
  bool memory_made;
  bool last_grow_denied;           /* of the memory */
  bool stopped;                    /* a grow or an epoch ended the guest because of the stop word */
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

/* Makes the guest of a store, whose engine counts epochs, look at the stop word of the store's limiter each time the
 * engine's epoch moves: it traps (WASMTIME_TRAP_CODE_INTERRUPT) when that is set, and goes on when it is not. */
void mimobox_store_stop_at_epoch(wasmtime_store_t* store, mimobox_limiter_t* limiter);

#ifdef __cplusplus
}
#endif

#endif  /* MIMOBOX_ENGINE_H_ */
