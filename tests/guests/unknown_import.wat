;; Imports a function that no sandbox offers.
(module
  (import "env" "launch_rocket" (func (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")))
