// mount.h: a tool for an agent. Files go in, a program runs under limits, a verdict that a program
// can branch on and the files that it made come out.
//
//   agent_tool MODULE IN_FOLDER OUT_FOLDER [ARGS...]
//
// The guest sees IN_FOLDER as /in, to be read only, and a folder in memory as /out; nothing of
// OUT_FOLDER's neighbours, no network, no variable of ours.

#include <chrono>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "mimobox/mount.h"
#include "mimobox/sandbox.h"

namespace {

using Json = nlohmann::json;

/// Output is bytes, and JSON is text: what is not UTF-8 is replaced.
std::string to_line(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Json error_of(const mimobox::SandboxError& error) {
  return {{"error", mimobox::error_code_name(error.code)}, {"message", error.message}};
}

Json verdict_of(const mimobox::RunResult& result) {
  Json files = Json::array();
  for (const mimobox::ScratchEntry& entry : result.scratch.front().entries) {
    files.push_back({{"path", entry.path}, {"size", entry.size}});
  }
  Json json = {{"verdict", mimobox::verdict_name(result.verdict)},
               {"stdout", result.out.data},
               {"stderr", result.err.data},
               {"truncated", result.out.truncated || result.err.truncated},
               {"files", files}};
  if (result.exit_code) json["exit_code"] = *result.exit_code;
  if (result.trap) json["trap"] = result.trap->message;
  return json;
}

Json run(const std::string& module_path, const std::string& in, const std::string& out,
         std::vector<std::string> args) {
  const auto runtime = mimobox::Runtime::create();
  if (!runtime) return error_of(runtime.error());
  const auto module = runtime->load(module_path);
  if (!module) return error_of(module.error());

  mimobox::SandboxConfig config;
  config.limits.wall_time = std::chrono::seconds{10};
  config.limits.memory_bytes = 128U << 20;
  config.limits.stdout_bytes = 64U << 10;  // what an agent reads
  config.mounts = {{.host_path = in, .guest_path = "/in", .access = mimobox::Access::kReadOnly}};
  config.scratch = {{.guest_path = "/out", .bytes = 32U << 20, .files = 1000}};
  const auto sandbox = mimobox::WasmSandbox::create(*runtime, config);
  if (!sandbox) return error_of(sandbox.error());

  mimobox::RunRequest request;
  request.args = std::move(args);
  request.keep_scratch = true;
  const auto result = (*sandbox)->execute(*module, request);
  if (!result) return error_of(result.error());
  if (const auto written = mimobox::write_scratch(result->scratch.front(), out); !written) {
    return error_of(written.error());
  }
  return verdict_of(*result);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: agent_tool MODULE IN_FOLDER OUT_FOLDER [ARGS...]\n";
    return 2;
  }
  const Json json = run(argv[1], argv[2], argv[3], {argv + 4, argv + argc});
  std::cout << to_line(json) << '\n';
  return json.contains("error") ? 1 : 0;
}
