#include "cli/doctor.h"

#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mimobox/doctor.h"

namespace mimobox::cli {
namespace {

const std::vector<Check> kChecks = {
    {.name = "openat2", .ok = true, .found = "there", .advice = ""},
    {.name = "address space", .ok = false, .found = "4\x1b GiB", .advice = "ulimit -v unlimited"},
};

TEST(DoctorText, HasALineForEachCheck) {
  EXPECT_EQ(doctor_text(kChecks),
            "ok   openat2: there\n"
            "FIX  address space: 4\\x1b GiB - ulimit -v unlimited\n");
}

TEST(DoctorJson, HasEachFieldOfEachCheck) {
  EXPECT_EQ(nlohmann::json::parse(doctor_json(kChecks)), nlohmann::json::parse(R"({
    "ok": false, "checks": [
      {"name": "openat2", "ok": true, "found": "there", "advice": ""},
      {"name": "address space", "ok": false, "found": "4\u001b GiB",
       "advice": "ulimit -v unlimited"}]})"));
  EXPECT_EQ(nlohmann::json::parse(doctor_json({}))["ok"], true);
}

}  // namespace
}  // namespace mimobox::cli
