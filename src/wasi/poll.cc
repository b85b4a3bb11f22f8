#include <sys/ioctl.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "wasi/dispatch.h"
#include "wasi/host.h"
#include "wasi/saturating_add.h"
#include "wasi/stream_io.h"

namespace mimobox::wasi {
namespace {

/// More subscriptions than any program has descriptors and timers; nothing is allocated above it.
constexpr std::uint32_t kMaxSubscriptions = 4096;
constexpr std::size_t kSubscriptionBytes = 48;
constexpr std::size_t kEventBytes = 32;
constexpr std::uint64_t kForever = std::numeric_limits<std::uint64_t>::max();

enum class EventType : std::uint8_t { kClock = 0, kFdRead = 1, kFdWrite = 2 };

/// A copy of one subscription of the guest, and what became of it.
struct Subscription {
  std::uint64_t userdata = 0;
  std::uint8_t type = 0;
  // kClock
  std::uint32_t clock = 0;
  std::uint64_t timeout = 0;
  bool absolute = false;
  /// When it is due on the monotonic clock; kForever: never.
  std::uint64_t due = kForever;
  // kFdRead, kFdWrite
  std::uint32_t fd = 0;
  std::optional<std::size_t> poll_item;

  bool done = false;
  Errno error = Errno::kSuccess;
  std::uint64_t ready_bytes = 0;
  bool hangup = false;

  [[nodiscard]] bool is(EventType wanted) const {
    return type == static_cast<std::uint8_t>(wanted);
  }
  void finish(Errno with) {
    done = true;
    error = with;
  }
};

Subscription copy_subscription(std::span<const std::byte> bytes) {
  Subscription copy;
  copy.userdata = GuestMemory::load<std::uint64_t>(bytes, 0);
  copy.type = GuestMemory::load<std::uint8_t>(bytes, 8);
  copy.clock = copy.fd = GuestMemory::load<std::uint32_t>(bytes, 16);
  copy.timeout = GuestMemory::load<std::uint64_t>(bytes, 24);
  copy.absolute = (GuestMemory::load<std::uint16_t>(bytes, 40) & 1U) != 0;
  return copy;
}

void write_event(std::span<std::byte> bytes, const Subscription& from) {
  std::ranges::fill(bytes, std::byte{0});
  GuestMemory::store(bytes, 0, from.userdata);
  GuestMemory::store(bytes, 8, static_cast<std::uint16_t>(from.error));
  GuestMemory::store(bytes, 10, from.type);
  GuestMemory::store(bytes, 16, from.ready_bytes);
  GuestMemory::store<std::uint16_t>(bytes, 24, from.hangup ? 1 : 0);
}

/// When a clock subscription is due on the monotonic clock.
std::uint64_t due_time(const Subscription& subscription, Clock& clock) {
  const std::uint64_t now = clock.now(ClockId::kMonotonic);
  if (!subscription.absolute) return saturating_add(now, subscription.timeout);
  if (subscription.clock == static_cast<std::uint32_t>(ClockId::kMonotonic)) {
    return subscription.timeout;
  }
  const std::uint64_t real_now = clock.now(ClockId::kRealtime);
  return subscription.timeout <= real_now ? now
                                          : saturating_add(now, subscription.timeout - real_now);
}

void prepare_clock(Subscription& subscription, Clock& clock) {
  const bool known = subscription.clock == static_cast<std::uint32_t>(ClockId::kRealtime) ||
                     subscription.clock == static_cast<std::uint32_t>(ClockId::kMonotonic);
  if (!known) {
    // One cannot sleep on CPU time: it does not pass meanwhile.
    const bool cpu = subscription.clock <= static_cast<std::uint32_t>(ClockId::kThreadCputime);
    subscription.finish(cpu ? Errno::kNotsup : Errno::kInval);
    return;
  }
  subscription.due = due_time(subscription, clock);
}

/// The poller's item for a descriptor of the host, the same however often it is subscribed: the
/// kernel refuses a list longer than the number of descriptors that the process may have.
std::size_t item_for(int fd, short events, std::vector<pollfd>& items) {
  const auto known = std::ranges::find_if(
      items, [&](const pollfd& item) { return item.fd == fd && item.events == events; });
  const auto index = static_cast<std::size_t>(known - items.begin());
  if (known == items.end()) items.push_back({.fd = fd, .events = events, .revents = 0});
  return index;
}

/// How much of a file lies behind its offset; 0 for what is none.
std::uint64_t left_in_file(Descriptor& descriptor) {
  std::uint64_t left = 0;
  static_cast<void>(on_file(&descriptor, /*rights=*/0, Errno::kBadf, [&](auto& file) {
    const auto status = file.stat();
    const auto offset = file.seek(0, Whence::kCurrent);
    if (status && offset && status->size > *offset) left = status->size - *offset;
    return Errno::kSuccess;
  }));
  return left;
}

/// Answers what needs no waiting; a stream of the host becomes an item for the poller, unless
/// streams are steady.
void prepare_stream(Subscription& subscription, Descriptor* descriptor, bool steady,
                    std::vector<pollfd>& items) {
  if (descriptor == nullptr) return subscription.finish(Errno::kBadf);
  if ((descriptor->rights & kRightPollFdReadwrite) == 0) {
    return subscription.finish(Errno::kNotcapable);
  }
  const bool reads = subscription.is(EventType::kFdRead);
  Resource& stream = descriptor->resource;
  if (!(reads ? is_input(stream) : is_output(stream))) return subscription.finish(Errno::kBadf);
  if (const int fd = host_fd(stream); fd >= 0 && !steady) {
    subscription.poll_item = item_for(fd, static_cast<short>(reads ? POLLIN : POLLOUT), items);
    return;
  }
  subscription.finish(Errno::kSuccess);
  if (!reads) return;
  const bool file = std::visit([]<class T>(const T&) { return FileResource<T>; }, stream);
  if (steady && !file) {
    // A byte or the end: only a read tells which.
    subscription.ready_bytes = 1;
    return;
  }
  if (const auto* bytes = std::get_if<BytesInput>(&stream)) {
    subscription.ready_bytes = bytes->left.size();
  }
  subscription.ready_bytes += left_in_file(*descriptor);
  const auto* source = std::get_if<SourceInput>(&stream);
  subscription.hangup = source != nullptr ? source->at_end : subscription.ready_bytes == 0;
}

void answer_stream(Subscription& subscription, const pollfd& item) {
  if (item.revents == 0) return;
  subscription.finish((item.revents & POLLNVAL) != 0 ? Errno::kBadf : Errno::kSuccess);
  subscription.hangup = (item.revents & POLLHUP) != 0;
  if (!subscription.is(EventType::kFdRead)) return;
  int bytes = 0;
  if (::ioctl(item.fd, FIONREAD, &bytes) == 0 && bytes > 0) {
    subscription.ready_bytes = static_cast<std::uint64_t>(bytes);
  }
}

/// The moment has come, unless the wall clock was set back meanwhile: then there is a later one.
void answer_due_clock(Subscription& subscription, Clock& clock) {
  const bool wall_clock =
      subscription.absolute && subscription.clock == static_cast<std::uint32_t>(ClockId::kRealtime);
  if (wall_clock && subscription.timeout > clock.now(ClockId::kRealtime)) {
    subscription.due = due_time(subscription, clock);
    return;
  }
  subscription.finish(Errno::kSuccess);
}

/// The earliest moment at which a clock is due; 0 when something is answered already.
std::uint64_t next_deadline(std::span<const Subscription> subscriptions) {
  std::uint64_t earliest = kForever;
  for (const Subscription& s : subscriptions)
    earliest = std::min(earliest, s.done ? 0 : s.due);
  return earliest;
}

/// Answers what has become ready or due; whether there is anything.
bool answer(std::span<Subscription> subscriptions, std::span<const pollfd> items, Clock& clock) {
  const std::uint64_t now = clock.now(ClockId::kMonotonic);
  bool any = false;
  for (Subscription& s : subscriptions) {
    if (!s.done && s.poll_item) answer_stream(s, items[*s.poll_item]);
    if (!s.done && s.is(EventType::kClock) && s.due <= now) {
      answer_due_clock(s, clock);
    }
    any = any || s.done;
  }
  return any;
}

}  // namespace

/// Waits until at least one of the subscriptions (48 bytes each at `in`) has an answer, and writes
/// one event (32 bytes each, from `out` on) for each that has, and how many there are (u32 at
/// `nevents`). An error of one subscription is in its event; a timeout up to 2^64-1 is taken as it
/// is.
///
/// - kInval: no subscription, more than 4096, or one of an unknown type.
/// - kFault: one of the ranges is not in the memory; nothing is written.
/// - kNomem: the host has no memory for the copies.
/// - kIntr: the run is being stopped (the guest does not see it).
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#poll_oneoff
Errno Host::poll_oneoff(GuestMemory memory, std::uint32_t in, std::uint32_t out,
                        std::uint32_t nsubscriptions, std::uint32_t nevents) {
  if (nsubscriptions == 0 || nsubscriptions > kMaxSubscriptions) return Errno::kInval;
  const auto from = memory.range(in, nsubscriptions, kSubscriptionBytes);
  const auto to = memory.range(out, nsubscriptions, kEventBytes);
  if (!from || !to || !memory.range(nevents, sizeof(std::uint32_t))) return Errno::kFault;

  std::vector<Subscription> subscriptions;
  subscriptions.reserve(nsubscriptions);
  std::vector<pollfd> items;
  for (std::size_t i = 0; i < nsubscriptions; ++i) {
    Subscription& s = subscriptions.emplace_back(
        copy_subscription(from->subspan(i * kSubscriptionBytes, kSubscriptionBytes)));
    if (s.is(EventType::kClock)) {
      prepare_clock(s, *config_.clock);
    } else if (s.is(EventType::kFdRead) || s.is(EventType::kFdWrite)) {
      prepare_stream(s, find(s.fd), config_.steady_streams, items);
    } else {
      return Errno::kInval;
    }
  }

  do {
    const std::uint64_t deadline = next_deadline(subscriptions);
    const auto until = deadline == kForever ? std::nullopt : std::optional(deadline);
    const WaitResult waited = config_.poller->wait(items, until, *config_.stop);
    if (waited == WaitResult::kStopped) return Errno::kIntr;
    if (waited == WaitResult::kFailed) return Errno::kNomem;
  } while (!answer(subscriptions, items, *config_.clock));

  std::uint32_t count = 0;
  for (const Subscription& s : subscriptions) {
    if (s.done) write_event(to->subspan(kEventBytes * count++, kEventBytes), s);
  }
  return memory.write(nevents, count) ? Errno::kSuccess : Errno::kFault;
}

}  // namespace mimobox::wasi
