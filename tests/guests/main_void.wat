;; Traps unless _initialize was called first.
(module
  (global $ready (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $ready (i32.const 1)))
  (func (export "main") (if (i32.eqz (global.get $ready)) (then unreachable))))
