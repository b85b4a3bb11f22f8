;; Grows by one page at a time until a grow is denied, then traps, as a program does whose allocator
;; aborts.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $again
      (br_if $again
        (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (unreachable)))
