#ifndef MIMOBOX_BENCH_BARE_LOOP_H_
#define MIMOBOX_BENCH_BARE_LOOP_H_

#include <wasmtime.h>

#include <cstddef>
#include <memory>
#include <span>

/// The least that a fresh instance a run can cost through the engine's C API: a pre-linked instance
/// from a pool, a few host functions without any care, no deadline, no verdict. What execute() is
/// measured against; a program that needs another host function than a printf does aborts.
class BareLoop {
 public:
  /// Compiles and links `module`; aborts when that fails.
  explicit BareLoop(std::span<const std::byte> module);
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  /// Store, instance, `_start`, drop. Returns how many bytes the guest wrote. Any thread.
  std::size_t run_once() const;

 private:
  struct Delete {
    void operator()(wasm_engine_t* engine) const { wasm_engine_delete(engine); }
    void operator()(wasmtime_linker_t* linker) const { wasmtime_linker_delete(linker); }
    void operator()(wasmtime_module_t* module) const { wasmtime_module_delete(module); }
    void operator()(wasmtime_instance_pre_t* pre) const { wasmtime_instance_pre_delete(pre); }
  };
  template <class T>
  using Owned = std::unique_ptr<T, Delete>;

  Owned<wasm_engine_t> engine_;
  Owned<wasmtime_linker_t> linker_;
  Owned<wasmtime_module_t> module_;
  Owned<wasmtime_instance_pre_t> pre_;
};

#endif  // MIMOBOX_BENCH_BARE_LOOP_H_
