;; Loops for ever in the start function, which runs while the module is instantiated.
(module
  (memory (export "memory") 1)
  (func $init
    (loop $again
      (br $again)))
  (start $init)
  (func (export "_start")))
