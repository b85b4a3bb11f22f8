;; Calls proc_exit(7) in the start function; _start would exit with 8.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $init
    (call $proc_exit (i32.const 7)))
  (start $init)
  (func (export "_start")
    (call $proc_exit (i32.const 8))))
