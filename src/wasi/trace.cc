#include "wasi/trace.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstddef>
#include <cstdio>
#include <span>
#include <utility>

namespace mimobox::wasi {
namespace {

/// By number.
constexpr auto kErrnoNames = std::to_array<std::string_view>({
    "SUCCESS",     "2BIG",           "ACCES",       "ADDRINUSE",   "ADDRNOTAVAIL",
    "AFNOSUPPORT", "AGAIN",          "ALREADY",     "BADF",        "BADMSG",
    "BUSY",        "CANCELED",       "CHILD",       "CONNABORTED", "CONNREFUSED",
    "CONNRESET",   "DEADLK",         "DESTADDRREQ", "DOM",         "DQUOT",
    "EXIST",       "FAULT",          "FBIG",        "HOSTUNREACH", "IDRM",
    "ILSEQ",       "INPROGRESS",     "INTR",        "INVAL",       "IO",
    "ISCONN",      "ISDIR",          "LOOP",        "MFILE",       "MLINK",
    "MSGSIZE",     "MULTIHOP",       "NAMETOOLONG", "NETDOWN",     "NETRESET",
    "NETUNREACH",  "NFILE",          "NOBUFS",      "NODEV",       "NOENT",
    "NOEXEC",      "NOLCK",          "NOLINK",      "NOMEM",       "NOMSG",
    "NOPROTOOPT",  "NOSPC",          "NOSYS",       "NOTCONN",     "NOTDIR",
    "NOTEMPTY",    "NOTRECOVERABLE", "NOTSOCK",     "NOTSUP",      "NOTTY",
    "NXIO",        "OVERFLOW",       "OWNERDEAD",   "PERM",        "PIPE",
    "PROTO",       "PROTONOSUPPORT", "PROTOTYPE",   "RANGE",       "ROFS",
    "SPIPE",       "SRCH",           "STALE",       "TIMEDOUT",    "TXTBSY",
    "XDEV",        "NOTCAPABLE",
});
static_assert(kErrnoNames.size() == std::to_underlying(Errno::kNotcapable) + 1);

struct Format {
  std::string_view function;
  std::string_view arguments;
};

constexpr Format kFormats[] = {
    {"args_get", "argv:@ argv_buf:@"},
    {"args_sizes_get", "argc:4 argv_buf_size:4"},
    {"environ_get", "environ:@ environ_buf:@"},
    {"environ_sizes_get", "count:4 buf_size:4"},
    {"clock_res_get", "id resolution:8"},
    {"clock_time_get", "id precision time:8"},
    {"fd_advise", "fd offset len advice"},
    {"fd_allocate", "fd offset len"},
    {"fd_close", "fd"},
    {"fd_datasync", "fd"},
    {"fd_fdstat_get", "fd stat:F"},
    {"fd_fdstat_set_flags", "fd flags:x"},
    {"fd_fdstat_set_rights", "fd base:x inheriting:x"},
    {"fd_filestat_get", "fd stat:S"},
    {"fd_filestat_set_size", "fd size"},
    {"fd_filestat_set_times", "fd atim mtim flags:x"},
    {"fd_pread", "fd iovs:@ iovs_len offset nread:4"},
    {"fd_prestat_get", "fd prestat:P"},
    {"fd_prestat_dir_name", "fd path:@ path_len"},
    {"fd_pwrite", "fd iovs:@ iovs_len offset nwritten:4"},
    {"fd_read", "fd iovs:@ iovs_len nread:4"},
    {"fd_readdir", "fd buf:@ buf_len cookie used:4"},
    {"fd_renumber", "from to"},
    {"fd_seek", "fd offset:d whence new_offset:8"},
    {"fd_sync", "fd"},
    {"fd_tell", "fd offset:8"},
    {"fd_write", "fd iovs:@ iovs_len nwritten:4"},
    {"path_create_directory", "fd path:s"},
    {"path_filestat_get", "fd flags:x path:s stat:S"},
    {"path_filestat_set_times", "fd flags:x path:s atim mtim fst_flags:x"},
    {"path_link", "old_fd old_flags:x old_path:s new_fd new_path:s"},
    {"path_open", "fd dirflags:x path:s oflags:x rights:x inheriting:x fdflags:x opened:4"},
    {"path_readlink", "fd path:s buf:@ buf_len used:4"},
    {"path_remove_directory", "fd path:s"},
    {"path_rename", "old_fd old_path:s new_fd new_path:s"},
    {"path_symlink", "old_path:s fd new_path:s"},
    {"path_unlink_file", "fd path:s"},
    {"poll_oneoff", "in:@ out:@ nsubscriptions nevents:4"},
    {"proc_exit", "code"},
    {"proc_raise", "signal"},
    {"sched_yield", ""},
    {"random_get", "buf:@ buf_len"},
    {"sock_accept", "fd flags:x opened:4"},
    {"sock_recv", "fd iovs:@ iovs_len ri_flags:x nread:4 ro_flags:4"},
    {"sock_send", "fd iovs:@ iovs_len si_flags:x nwritten:4"},
    {"sock_shutdown", "fd how:x"},
};

/// What is told of a text; the rest is dots.
constexpr std::size_t kMaxTextBytes = 256;

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 24> text{};
  const int length = std::snprintf(text.data(), text.size(), "0x%" PRIx64, value);
  return {text.data(), static_cast<std::size_t>(length)};
}

/// Quoted, and harmless to a terminal.
std::string quoted(std::span<const std::byte> bytes) {
  std::string text = "\"";
  for (const std::byte byte : bytes.first(std::min(bytes.size(), kMaxTextBytes))) {
    const auto value = std::to_integer<unsigned>(byte);
    if (value == '"' || value == '\\') text += '\\';
    if (value >= 0x20 && value < 0x7F) {
      text += static_cast<char>(value);
      continue;
    }
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\x%02x", value);
    text += escape.data();
  }
  text += '"';
  if (bytes.size() > kMaxTextBytes) text += "...";
  return text;
}

std::string text_at(GuestMemory memory, std::uint32_t at, std::uint32_t length) {
  const auto bytes = memory.range(at, length);
  // Where it lies outside, the call says so.
  if (!bytes) return hexadecimal(at) + "+" + std::to_string(length);
  return quoted(*bytes);
}

}  // namespace

std::string_view errno_name(Errno error) {
  const std::size_t number = std::to_underlying(error);
  return number < kErrnoNames.size() ? kErrnoNames[number] : "?";
}

std::string_view trace_format(std::string_view function) {
  for (const Format& format : kFormats) {
    if (format.function == function) return format.arguments;
  }
  return {};
}

TraceLine::TraceLine(std::string_view function, GuestMemory memory,
                     const base::RawValue* arguments) {
  text_ = std::string(function) + "(";
  std::string_view rest = trace_format(function);
  while (!rest.empty()) {
    const std::string_view token = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), token.size() + 1));
    const std::size_t colon = token.find(':');
    const std::string_view name = token.substr(0, colon);
    const char kind = colon == std::string_view::npos ? 'u' : token[colon + 1];
    // A slot has 64 bits of which an i32 uses the lower ones: where the guest's pointers and
    // numbers of 32 bits stand is in the signature, which the caller narrowed.
    const auto value = static_cast<std::uint64_t>(arguments->i64);
    ++arguments;
    if (kind == '4' || kind == '8' || kind == 'S' || kind == 'F' || kind == 'P') {
      results_.push_back({name, kind, static_cast<std::uint32_t>(value)});
      continue;
    }
    if (!text_.ends_with('(')) text_ += ", ";
    text_ += std::string(name) + "=";
    if (kind == 's') {
      const auto length = static_cast<std::uint32_t>(arguments->i64);
      ++arguments;
      text_ += text_at(memory, static_cast<std::uint32_t>(value), length);
    } else if (kind == 'x' || kind == '@') {
      text_ += hexadecimal(value);
    } else if (kind == 'd') {
      text_ += std::to_string(static_cast<std::int64_t>(value));
    } else {
      text_ += std::to_string(value);
    }
  }
  text_ += ")";
}

void TraceLine::answer(Errno error, GuestMemory memory) {
  text_ += " = ";
  text_ += errno_name(error);
  if (error != Errno::kSuccess) return;
  for (const Result& result : results_)
    add_result(result, memory);
}

void TraceLine::add_result(const Result& result, GuestMemory memory) {
  const auto number = [&](std::string_view name, const auto& value) {
    if (value) text_ += " " + std::string(name) + "=" + std::to_string(*value);
  };
  switch (result.kind) {
    case '8':
      return number(result.name, memory.read<std::uint64_t>(result.at));
    case 'S':
      number("type", memory.read<std::uint8_t>(result.at + 16));
      return number("size", memory.read<std::uint64_t>(result.at + 32));
    case 'F':
      return number("type", memory.read<std::uint8_t>(result.at));
    case 'P':
      return number("name_len", memory.read<std::uint32_t>(result.at + 4));
    default:
      return number(result.name, memory.read<std::uint32_t>(result.at));
  }
}

}  // namespace mimobox::wasi
