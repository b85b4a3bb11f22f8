#include "sandbox/cancellation.h"

#include <stop_token>

#include <gtest/gtest.h>

namespace mimobox::internal {
namespace {

TEST(Cancellation, ReachesWhatWaitsWhenItIsRequested) {
  Cancellation cancel;
  const std::stop_token token = cancel.token();
  EXPECT_FALSE(token.stop_requested());
  bool told = false;
  const std::stop_callback on_stop(token, [&] { told = true; });
  cancel.request();
  EXPECT_TRUE(told);
  cancel.request();
  EXPECT_TRUE(cancel.token().stop_requested());
}

TEST(Cancellation, ReachesWhatBeginsToWaitLater) {
  Cancellation cancel;
  cancel.request();
  EXPECT_TRUE(cancel.token().stop_requested());
}

}  // namespace
}  // namespace mimobox::internal
