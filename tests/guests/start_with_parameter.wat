;; Exports a _start that is no entry point: it takes a parameter.
(module
  (memory (export "memory") 1)
  (func (export "_start") (param i32)))
