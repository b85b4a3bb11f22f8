(module (func (export "main") (result i32) i32.const 300))
