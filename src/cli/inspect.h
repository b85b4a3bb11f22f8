#ifndef MIMOBOX_CLI_INSPECT_H_
#define MIMOBOX_CLI_INSPECT_H_

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "mimobox/module_info.h"

namespace mimobox::cli {

/// What `inspect` was asked for.
struct InspectOptions {
  std::string module;  ///< a path, or "-" for standard input
  bool json = false;
};

/// What `inspect --help` prints.
[[nodiscard]] std::string_view inspect_help();

/// Adds `inspect` and its options, which are stored in `options`.
CLI::App* add_inspect(CLI::App& app, InspectOptions& options);

/// Prints what is in the module and whether it would run. The command's exit status: 0 also for a
/// module that would not run; as `run` has it when it cannot be read or is no WebAssembly.
[[nodiscard]] int inspect(const InspectOptions& options);

/// The same as text for a person, names escaped for a terminal.
[[nodiscard]] std::string inspect_text(const ModuleInfo& info);

/// The same as one JSON object, for programs. Bytes of names that are not UTF-8 become U+FFFD.
///
/// size_bytes, is_component, name, would_run, needed_limits {field of `Limits`: the least that will
/// do, where the default will not}, refusals [{kind, subject, reason, offset, function}],
/// entry_point (null without), wasi_functions [], imports [{module, name, kind, type}], exports
/// [{name, kind, index, type}], memories [{min_pages, max_pages, page_bytes, shared, is_64_bit,
/// imported}], tables [{element_type, min_elements, max_elements, imported}], sections [{name,
/// custom, offset, size_bytes}], features [], target_features [], producers [{field, name,
/// version}], counts {imports, exports, sections, types, functions, globals, element_segments,
/// data_segments}, code_bytes, largest_function_bytes, most_locals, has_start_function,
/// has_function_names, has_debug_info. What is not known is null.
[[nodiscard]] std::string inspect_json(const ModuleInfo& info);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_INSPECT_H_
