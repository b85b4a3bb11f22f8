;; Calls itself 20,000 deep and returns: more than a small stack holds, less than a large one does.
(module
  (memory (export "memory") 1)
  (func $deeper (param $left i32) (result i32)
    (if (result i32) (i32.eqz (local.get $left))
      (then (i32.const 0))
      (else
        (i32.add (local.get $left)
          (call $deeper (i32.sub (local.get $left) (i32.const 1)))))))
  (func (export "_start")
    (drop (call $deeper (i32.const 20000)))))
