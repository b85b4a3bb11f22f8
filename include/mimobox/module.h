#ifndef MIMOBOX_MODULE_H_
#define MIMOBOX_MODULE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "mimobox/module_info.h"

namespace mimobox {

namespace internal {
class ModuleImpl;
}  // namespace internal

/// A validated WebAssembly module, ready to be compiled once per way of running it.
///
/// A cheap handle: copies share the module and its compiled code, which live until the last handle
/// goes. It may be used from many threads at once and outlives its `Runtime`'s handle. Made by
/// `Runtime::load()` and `Runtime::load_bytes()`. Using one that was moved from aborts.
class Module {
 public:
  /// The name for messages and for argv[0]: the file name without folders, or what the caller gave.
  [[nodiscard]] const std::string& name() const;
  /// SHA-256 of the module's bytes, in lower-case hex.
  [[nodiscard]] std::string digest() const;
  /// How many bytes the module has.
  [[nodiscard]] std::size_t size_bytes() const;
  /// What the module says about itself: imports, exports, memory, what it needs of WASI. Read from
  /// the module at the first call.
  [[nodiscard]] const ModuleInfo& info() const;
  /// How often this module has been compiled so far: once per kind of code that was asked for.
  [[nodiscard]] std::size_t compile_count() const;

  /// For the library itself.
  explicit Module(std::shared_ptr<internal::ModuleImpl> impl);
  [[nodiscard]] const std::shared_ptr<internal::ModuleImpl>& impl() const;

 private:
  std::shared_ptr<internal::ModuleImpl> impl_;
};

}  // namespace mimobox

#endif  // MIMOBOX_MODULE_H_
