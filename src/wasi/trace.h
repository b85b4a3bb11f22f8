#ifndef MIMOBOX_WASI_TRACE_H_
#define MIMOBOX_WASI_TRACE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/host_call.h"
#include "wasi/errno.h"
#include "wasi/guest_memory.h"

namespace mimobox::wasi {

/// Is told of each call of a guest, on the guest's thread, after the call.
class CallTrace {
 public:
  CallTrace() = default;
  CallTrace(const CallTrace&) = delete;
  CallTrace& operator=(const CallTrace&) = delete;
  virtual ~CallTrace() = default;

  /// One line without its end, printable ASCII whatever the guest does: `path_open(fd=3, ...,
  /// path="a\x0ab") = NOENT`, or on success what was written: `fd_seek(...) = SUCCESS
  /// new_offset=5`. Valid during the call.
  virtual void call(std::string_view line) noexcept = 0;
};

/// The specification's name in capitals, without ERRNO_.
[[nodiscard]] std::string_view errno_name(Errno error);

/// How a function's arguments are told: names, each with a kind behind a colon unless it is a plain
/// number. x, @: hexadecimal. d: signed. s: two arguments, a text and its length. The results are
/// told on success: 4, 8: a number of as many bytes. S: type and size of a filestat. F: the type of
/// an fdstat. P: the length in a prestat. Empty for a name that is no function's.
[[nodiscard]] std::string_view trace_format(std::string_view function);

/// The line of one call: made before it, since a call may write over its own arguments.
class TraceLine {
 public:
  TraceLine(std::string_view function, GuestMemory memory, const base::RawValue* arguments);

  /// Adds the answer and, on success, the results.
  void answer(Errno error, GuestMemory memory);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  struct Result {
    std::string_view name;
    char kind = '4';
    std::uint32_t at = 0;
  };
  void add_result(const Result& result, GuestMemory memory);

  std::string text_;
  std::vector<Result> results_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_TRACE_H_
