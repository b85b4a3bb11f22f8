#ifndef MIMOBOX_TESTS_UNIT_WASI_FAILING_NEW_H_
#define MIMOBOX_TESTS_UNIT_WASI_FAILING_NEW_H_

namespace mimobox::wasi::file_testing {

/// While it lives, this thread's `new` succeeds so many times and then throws std::bad_alloc. Such
/// a `new` replaces the usual one in the whole test program.
class FailingNew {
 public:
  explicit FailingNew(int allowed);
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;
  ~FailingNew();
};

}  // namespace mimobox::wasi::file_testing

#endif  // MIMOBOX_TESTS_UNIT_WASI_FAILING_NEW_H_
