#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "wasi/host.h"
#include "wasi/trace.h"

// The table of all functions. A row's signature comes from the C++ type of the member that serves
// it, so the two cannot disagree.

namespace mimobox::wasi {
namespace {

using base::HostCallOutcome;
using base::HostFunction;
using base::RawValue;

template <class T>
constexpr char letter_of() {
  static_assert(std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t>);
  return std::same_as<T, std::uint32_t> ? 'i' : 'I';
}

template <class T>
T from_raw(const RawValue& value) {
  if constexpr (std::same_as<T, std::uint32_t>) return static_cast<std::uint32_t>(value.i32);
  if constexpr (std::same_as<T, std::uint64_t>) return static_cast<std::uint64_t>(value.i64);
}

/// Every call leaves through here: a run that is being stopped runs no guest code any more.
HostCallOutcome leave(const Host& host) {
  return host.stopped() ? HostCallOutcome::kStop : HostCallOutcome::kReturn;
}

using Call = HostCallOutcome (*)(void* context, std::span<std::byte> memory,
                                 RawValue* values) noexcept;

/// Makes the line of a call, whose row has `call`, from arguments that are as wide as the signature
/// says. Null: no memory for it, and the call is not told.
std::unique_ptr<TraceLine> begin_line(Call call, GuestMemory memory, const RawValue* values);
void end_line(CallTrace& trace, TraceLine& line, Errno result, GuestMemory memory);

/// `Kind` is what the call is counted as; none: the member counts it, by what its descriptor is.
template <auto Member, auto Kind>
struct Binding;

template <class... Args, Errno (Host::*Member)(GuestMemory, Args...), auto Kind>
struct Binding<Member, Kind> {
  static constexpr char kSignature[] = {letter_of<Args>()..., ':', 'i', '\0'};

  static HostCallOutcome call(void* context, std::span<std::byte> memory,
                              RawValue* values) noexcept {
    auto& host = *static_cast<Host*>(context);
    if constexpr (std::same_as<decltype(Kind), CallKind>) host.count_call(Kind);
    Errno result = Errno::kNomem;
    std::unique_ptr<TraceLine> line;
    if (host.trace() != nullptr) line = begin_line(&call, GuestMemory(memory), values);
    try {
      result = invoke(host, GuestMemory(memory), values, std::index_sequence_for<Args...>{});
    } catch (const std::bad_alloc&) {  // the one exception that our own code can meet
      result = Errno::kNomem;
    }
    if (line) end_line(*host.trace(), *line, result, GuestMemory(memory));
    values[0].i64 = 0;
    values[0].i32 = std::to_underlying(result);
    return leave(host);
  }

 private:
  template <std::size_t... I>
  static Errno invoke(Host& host, GuestMemory memory, [[maybe_unused]] const RawValue* values,
                      std::index_sequence<I...> /*indices*/) {
    return (host.*Member)(memory, from_raw<Args>(values[I])...);
  }
};

template <auto Member, auto Kind>
constexpr HostFunction bind(std::string_view name) {
  using Row = Binding<Member, Kind>;
  bool tells_cpu_time = false;
  if constexpr (std::same_as<decltype(Kind), CallKind>) tells_cpu_time = Kind == CallKind::kClock;
  return {name, std::string_view(Row::kSignature), &Row::call, tells_cpu_time};
}

struct ByDescriptor {};
constexpr ByDescriptor kByDescriptor;
using enum CallKind;

HostCallOutcome call_proc_exit(void* context, std::span<std::byte> memory,
                               RawValue* values) noexcept {
  auto& host = *static_cast<Host*>(context);
  host.count_call(CallKind::kProcess);
  // A run that was stopped before it could exit has been stopped: the first cause wins.
  if (host.stopped()) return HostCallOutcome::kStop;
  if (host.trace() != nullptr) {
    const auto line = begin_line(&call_proc_exit, GuestMemory(memory), values);
    if (line) host.trace()->call(line->text());
  }
  host.proc_exit(from_raw<std::uint32_t>(values[0]));
  return HostCallOutcome::kExit;
}

#define MIMOBOX_ROW_(name, kind) bind<&Host::name, kind>(#name)

constexpr HostFunction kFunctions[] = {
    MIMOBOX_ROW_(args_get, kArguments),
    MIMOBOX_ROW_(args_sizes_get, kArguments),
    MIMOBOX_ROW_(environ_get, kArguments),
    MIMOBOX_ROW_(environ_sizes_get, kArguments),
    MIMOBOX_ROW_(clock_res_get, kClock),
    MIMOBOX_ROW_(clock_time_get, kClock),
    MIMOBOX_ROW_(fd_advise, kDescriptor),
    MIMOBOX_ROW_(fd_allocate, kDescriptor),
    MIMOBOX_ROW_(fd_close, kDescriptor),
    MIMOBOX_ROW_(fd_datasync, kDescriptor),
    MIMOBOX_ROW_(fd_fdstat_get, kDescriptor),
    MIMOBOX_ROW_(fd_fdstat_set_flags, kDescriptor),
    MIMOBOX_ROW_(fd_fdstat_set_rights, kDescriptor),
    MIMOBOX_ROW_(fd_filestat_get, kDescriptor),
    MIMOBOX_ROW_(fd_filestat_set_size, kDescriptor),
    MIMOBOX_ROW_(fd_filestat_set_times, kDescriptor),
    MIMOBOX_ROW_(fd_pread, kFileRead),
    MIMOBOX_ROW_(fd_prestat_get, kDescriptor),
    MIMOBOX_ROW_(fd_prestat_dir_name, kDescriptor),
    MIMOBOX_ROW_(fd_pwrite, kFileWrite),
    MIMOBOX_ROW_(fd_read, kByDescriptor),
    MIMOBOX_ROW_(fd_readdir, kDirectoryRead),
    MIMOBOX_ROW_(fd_renumber, kDescriptor),
    MIMOBOX_ROW_(fd_seek, kDescriptor),
    MIMOBOX_ROW_(fd_sync, kDescriptor),
    MIMOBOX_ROW_(fd_tell, kDescriptor),
    MIMOBOX_ROW_(fd_write, kByDescriptor),
    MIMOBOX_ROW_(path_create_directory, kPath),
    MIMOBOX_ROW_(path_filestat_get, kPath),
    MIMOBOX_ROW_(path_filestat_set_times, kPath),
    MIMOBOX_ROW_(path_link, kPath),
    MIMOBOX_ROW_(path_open, kPath),
    MIMOBOX_ROW_(path_readlink, kPath),
    MIMOBOX_ROW_(path_remove_directory, kPath),
    MIMOBOX_ROW_(path_rename, kPath),
    MIMOBOX_ROW_(path_symlink, kPath),
    MIMOBOX_ROW_(path_unlink_file, kPath),
    MIMOBOX_ROW_(poll_oneoff, kPoll),
    {"proc_exit", "i:", &call_proc_exit, false},
    MIMOBOX_ROW_(proc_raise, kProcess),
    MIMOBOX_ROW_(sched_yield, kPoll),
    MIMOBOX_ROW_(random_get, kRandom),
    MIMOBOX_ROW_(sock_accept, kSocket),
    MIMOBOX_ROW_(sock_recv, kSocket),
    MIMOBOX_ROW_(sock_send, kSocket),
    MIMOBOX_ROW_(sock_shutdown, kSocket),
};
static_assert(std::size(kFunctions) == 46);

std::unique_ptr<TraceLine> begin_line(Call call, GuestMemory memory, const RawValue* values) {
  try {
    for (const HostFunction& row : kFunctions) {
      if (row.call != call) continue;
      const std::string_view letters = row.signature.substr(0, row.signature.find(':'));
      std::array<RawValue, 16> arguments{};
      for (std::size_t i = 0; i < letters.size(); ++i) {
        const bool narrow = letters[i] == 'i';
        arguments[i].i64 =
            narrow ? static_cast<std::int64_t>(from_raw<std::uint32_t>(values[i])) : values[i].i64;
      }
      return std::make_unique<TraceLine>(row.name, memory, arguments.data());
    }
  } catch (const std::bad_alloc&) {  // then this call is not told
  }
  return nullptr;
}

void end_line(CallTrace& trace, TraceLine& line, Errno result, GuestMemory memory) {
  try {
    line.answer(result, memory);
    trace.call(line.text());
  } catch (const std::bad_alloc&) {  // then this call is not told
  }
}

}  // namespace

std::span<const HostFunction> functions() {
  return kFunctions;
}

}  // namespace mimobox::wasi
