;; Has a grow denied, then one granted, then traps: the last attempt went well, so memory is not why.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (memory.grow (i32.const 65535)))
    (drop (memory.grow (i32.const 1)))
    (unreachable)))
