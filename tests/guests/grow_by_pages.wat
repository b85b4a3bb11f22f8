;; One page at the start, grows by 15 (to 1 MiB in all): exits with 0 when granted, 1 when denied.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (call $proc_exit
      (i32.eq (memory.grow (i32.const 15)) (i32.const -1)))))
