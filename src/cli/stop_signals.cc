#include "cli/stop_signals.h"

#include <signal.h>

#include <array>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "cli/exit_status.h"

namespace mimobox::cli {
namespace {

constexpr std::array kStopSignals = {SIGINT, SIGTERM, SIGHUP};

}  // namespace

StopSignals::StopSignals(LastWords last_words) : last_words_(std::move(last_words)) {
  sigemptyset(&awaited_);
  sigemptyset(&ignored_);
  for (const int number : kStopSignals) {
    sigaddset(&awaited_, number);
    struct sigaction action{};
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
      sigaddset(&ignored_, number);
    }
  }
  pthread_sigmask(SIG_BLOCK, &awaited_, &before_);
  waiter_ = std::thread([this] { wait_for_signals(); });
}

StopSignals::~StopSignals() {
  done_.store(true);
  pthread_kill(waiter_.native_handle(), SIGHUP);  // blocked: it only ends the wait
  waiter_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void StopSignals::wait_for_signals() {
  while (true) {
    int number = 0;
    if (sigwait(&awaited_, &number) != 0) continue;
    if (done_.load()) return;
    if (sigismember(&ignored_, number) != 1) act_on(number);
  }
}

void StopSignals::act_on(int number) {
  int none = 0;
  const bool first = received_.compare_exchange_strong(none, number);
  if (first && running_.load()) {
    stop_.request_stop();
    return;
  }
  last_words_(number, running_.load());
  std::_Exit(kStatusSignalBase + number);
}

std::string signal_name(int number) {
  switch (number) {
    case SIGINT:
      return "SIGINT";
    case SIGTERM:
      return "SIGTERM";
    case SIGHUP:
      return "SIGHUP";
    default:
      return fmt::format("signal {}", number);
  }
}

}  // namespace mimobox::cli
