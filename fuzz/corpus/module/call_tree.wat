;; An exponential tree of calls without a loop: only function entries can be interrupted.
(module
  (memory (export "memory") 1)
  (func $tree (param $depth i32)
    (if (i32.eqz (local.get $depth))
      (then (return)))
    (call $tree (i32.sub (local.get $depth) (i32.const 1)))
    (call $tree (i32.sub (local.get $depth) (i32.const 1))))
  (func (export "_start")
    (call $tree (i32.const 60))))
