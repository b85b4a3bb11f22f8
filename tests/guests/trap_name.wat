;; Traps in a function whose name holds a terminal's control sequence.
(module
  (memory (export "memory") 1)
  (func $"\1b[31mred" (unreachable))
  (func (export "_start")
    (call $"\1b[31mred")))
