;; Fills 32 MiB for ever, each time by one instruction, which nothing interrupts half-way.
(module
  (memory (export "memory") 512)
  (func (export "_start")
    (loop $again
      (memory.fill (i32.const 0) (i32.const 85) (i32.const 33554432))
      (br $again))))
