#ifndef MIMOBOX_CLI_DOCTOR_H_
#define MIMOBOX_CLI_DOCTOR_H_

#include <span>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "mimobox/doctor.h"

namespace mimobox::cli {

/// What `doctor` was asked for.
struct DoctorOptions {
  bool json = false;
};

/// What `doctor --help` prints.
[[nodiscard]] std::string_view doctor_help();

/// Adds `doctor` and its options, which are stored in `options`.
CLI::App* add_doctor(CLI::App& app, DoctorOptions& options);

/// Looks at this machine and says what it finds; 0 when all is well, else 1.
[[nodiscard]] int doctor(const DoctorOptions& options);

/// One line for each: "ok   name: found" or "FIX  name: found - advice".
[[nodiscard]] std::string doctor_text(std::span<const Check> checks);

/// The same as one JSON object: ok, checks [{name, ok, found, advice}].
[[nodiscard]] std::string doctor_json(std::span<const Check> checks);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_DOCTOR_H_
