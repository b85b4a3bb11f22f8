;; Leaves a secret everywhere, or looks for one. The number of arguments says what: 1 looks and exits with the
;; number of what it found (0: nothing); 2 exits, 3 traps, 4 never ends, 5 overflows its stack after leaving one.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 4 64)
  (table $table 4 16 funcref)
  (global $small (mut i32) (i32.const 7))
  (global $wide (mut v128) (v128.const i64x2 0 0))
  (elem $functions func $leave $look)
  (data $once "once")

  (func $leave
    (drop (memory.grow (i32.const 60)))
    (memory.fill (i32.const 16) (i32.const 0xA5) (i32.sub (i32.const 0x400000) (i32.const 16)))
    (drop (table.grow $table (ref.func $leave) (i32.const 8)))
    (table.fill $table (i32.const 0) (ref.func $leave) (i32.const 12))
    (global.set $small (i32.const 0x5EC2E7))
    (global.set $wide (v128.const i32x4 0x5EC2E7 0x5EC2E7 0x5EC2E7 0x5EC2E7))
    (data.drop $once)
    (elem.drop $functions))

  (func $deep (param i64 i64) (result i64)
    (i64.add (call $deep (i64.const 0x5EC2E75EC2E7) (local.get 0)) (local.get 1)))

  (func $look (result i32) (local $at i32)
    (if (i32.ne (global.get $small) (i32.const 7)) (then (return (i32.const 1))))
    (if (v128.any_true (global.get $wide)) (then (return (i32.const 2))))
    (if (i32.ne (memory.size) (i32.const 4)) (then (return (i32.const 3))))
    (if (i32.ne (table.size $table) (i32.const 4)) (then (return (i32.const 4))))
    (drop (memory.grow (i32.const 60)))
    (local.set $at (i32.const 16))
    (loop $bytes
      (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (return (i32.const 5))))
      (br_if $bytes (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 0x400000))))
    (if (i32.eq (table.grow $table (ref.null func) (i32.const 8)) (i32.const -1)) (then (return (i32.const 6))))
    (local.set $at (i32.const 0))
    (loop $elements
      (if (i32.eqz (ref.is_null (table.get $table (local.get $at)))) (then (return (i32.const 7))))
      (br_if $elements (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 12))))
    ;; Segments that an earlier run dropped are whole again.
    (memory.init $once (i32.const 100) (i32.const 0) (i32.const 4))
    (table.init $table $functions (i32.const 0) (i32.const 0) (i32.const 2))
    (i32.const 0))

  (func (export "_start") (local $count i32)
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (local.set $count (i32.load (i32.const 0)))
    (i64.store (i32.const 0) (i64.const 0))
    (if (i32.eq (local.get $count) (i32.const 1)) (then (call $proc_exit (call $look))))
    (call $leave)
    (if (i32.eq (local.get $count) (i32.const 2)) (then (call $proc_exit (i32.const 0))))
    (if (i32.eq (local.get $count) (i32.const 3)) (then (unreachable)))
    (if (i32.eq (local.get $count) (i32.const 4)) (then (loop $for_ever (br $for_ever))))
    (drop (call $deep (i64.const 1) (i64.const 2)))))
