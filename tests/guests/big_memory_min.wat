;; Starts with 16 MiB of memory (256 pages).
(module
  (memory (export "memory") 256)
  (func (export "_start")))
