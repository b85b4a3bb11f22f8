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

template <auto Member>
struct Binding;

template <class... Args, Errno (Host::*Member)(GuestMemory, Args...)>
struct Binding<Member> {
  static constexpr char kSignature[] = {letter_of<Args>()..., ':', 'i', '\0'};

  static HostCallOutcome call(void* context, std::span<std::byte> memory,
                              RawValue* values) noexcept {
    auto& host = *static_cast<Host*>(context);
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

template <auto Member>
constexpr HostFunction bind(std::string_view name) {
  return {name, std::string_view(Binding<Member>::kSignature), &Binding<Member>::call};
}

HostCallOutcome call_proc_exit(void* context, std::span<std::byte> memory,
                               RawValue* values) noexcept {
  auto& host = *static_cast<Host*>(context);
  // A run that was stopped before it could exit has been stopped: the first cause wins.
  if (host.stopped()) return HostCallOutcome::kStop;
  if (host.trace() != nullptr) {
    const auto line = begin_line(&call_proc_exit, GuestMemory(memory), values);
    if (line) host.trace()->call(line->text());
  }
  host.proc_exit(from_raw<std::uint32_t>(values[0]));
  return HostCallOutcome::kExit;
}

#define MIMOBOX_ROW_(name) bind<&Host::name>(#name)

constexpr HostFunction kFunctions[] = {
    MIMOBOX_ROW_(args_get),
    MIMOBOX_ROW_(args_sizes_get),
    MIMOBOX_ROW_(environ_get),
    MIMOBOX_ROW_(environ_sizes_get),
    MIMOBOX_ROW_(clock_res_get),
    MIMOBOX_ROW_(clock_time_get),
    MIMOBOX_ROW_(fd_advise),
    MIMOBOX_ROW_(fd_allocate),
    MIMOBOX_ROW_(fd_close),
    MIMOBOX_ROW_(fd_datasync),
    MIMOBOX_ROW_(fd_fdstat_get),
    MIMOBOX_ROW_(fd_fdstat_set_flags),
    MIMOBOX_ROW_(fd_fdstat_set_rights),
    MIMOBOX_ROW_(fd_filestat_get),
    MIMOBOX_ROW_(fd_filestat_set_size),
    MIMOBOX_ROW_(fd_filestat_set_times),
    MIMOBOX_ROW_(fd_pread),
    MIMOBOX_ROW_(fd_prestat_get),
    MIMOBOX_ROW_(fd_prestat_dir_name),
    MIMOBOX_ROW_(fd_pwrite),
    MIMOBOX_ROW_(fd_read),
    MIMOBOX_ROW_(fd_readdir),
    MIMOBOX_ROW_(fd_renumber),
    MIMOBOX_ROW_(fd_seek),
    MIMOBOX_ROW_(fd_sync),
    MIMOBOX_ROW_(fd_tell),
    MIMOBOX_ROW_(fd_write),
    MIMOBOX_ROW_(path_create_directory),
    MIMOBOX_ROW_(path_filestat_get),
    MIMOBOX_ROW_(path_filestat_set_times),
    MIMOBOX_ROW_(path_link),
    MIMOBOX_ROW_(path_open),
    MIMOBOX_ROW_(path_readlink),
    MIMOBOX_ROW_(path_remove_directory),
    MIMOBOX_ROW_(path_rename),
    MIMOBOX_ROW_(path_symlink),
    MIMOBOX_ROW_(path_unlink_file),
    MIMOBOX_ROW_(poll_oneoff),
    {"proc_exit", "i:", &call_proc_exit},
    MIMOBOX_ROW_(proc_raise),
    MIMOBOX_ROW_(sched_yield),
    MIMOBOX_ROW_(random_get),
    MIMOBOX_ROW_(sock_accept),
    MIMOBOX_ROW_(sock_recv),
    MIMOBOX_ROW_(sock_send),
    MIMOBOX_ROW_(sock_shutdown),
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
