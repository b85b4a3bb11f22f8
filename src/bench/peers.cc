#include "bench/peers.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mimobox/bench.h"

namespace mimobox::bench {
namespace {

using Words = std::vector<std::string>;

Words with_guest(Words command, const PeerRun& run) {
  command.push_back(run.module_path);
  command.insert(command.end(), run.args.begin(), run.args.end());
  return command;
}

Words wasmtime(const PeerRun& run) {
  Words command = {run.program, "run", "-C", "cache=y"};
  if (!run.folder.empty()) {
    command.insert(command.end(), {"--dir", fmt::format("{}::{}", run.folder, kBenchFolder)});
  }
  return with_guest(std::move(command), run);
}

Words wazero(const PeerRun& run) {
  Words command = {run.program, "run", "-cachedir=" + run.cache_folder};
  if (!run.folder.empty()) {
    command.push_back(fmt::format("-mount={}:{}", run.folder, kBenchFolder));
  }
  return with_guest(std::move(command), run);
}

Words wasmer(const PeerRun& run) {
  Words command = {run.program, "run"};
  if (!run.folder.empty()) {
    command.insert(command.end(), {"--mapdir", fmt::format("{}:{}", kBenchFolder, run.folder)});
  }
  command.push_back(run.module_path);
  command.emplace_back("--");
  command.insert(command.end(), run.args.begin(), run.args.end());
  return command;
}

Words wasmedge(const PeerRun& run) {
  Words command = {run.program};
  if (!run.folder.empty()) {
    command.insert(command.end(), {"--dir", fmt::format("{}:{}", kBenchFolder, run.folder)});
  }
  return with_guest(std::move(command), run);
}

Words iwasm(const PeerRun& run) {
  Words command = {run.program};
  if (!run.folder.empty()) {
    command.push_back(fmt::format("--map-dir={}::{}", kBenchFolder, run.folder));
  }
  return with_guest(std::move(command), run);
}

Words node(const PeerRun& run) {
  Words command = {run.program, "--no-warnings", run.node_script, run.module_path, run.folder};
  command.insert(command.end(), run.args.begin(), run.args.end());
  return command;
}

/// The folder goes by its own name.
Words native(const PeerRun& run) {
  Words command = {run.program};
  for (const std::string& arg : run.args)
    command.push_back(!run.folder.empty() && arg == kBenchFolder ? run.folder : arg);
  return command;
}

const std::array<Peer, 7>& peers() {
  static const std::array<Peer, 7> kPeers = {{
      {"wasmtime", {"--version"}, wasmtime},
      {"wazero", {"version"}, wazero},
      {"wasmer", {"--version"}, wasmer},
      {"wasmedge", {"--version"}, wasmedge},
      {"iwasm", {"--version"}, iwasm},
      {"node", {"--version"}, node},
      {kNative, {}, native},
  }};
  return kPeers;
}

bool is_program(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

const std::string_view kNodeScript = R"('use strict';
const { readFileSync } = require('node:fs');
const { WASI } = require('node:wasi');
const [file, folder, ...args] = process.argv.slice(2);
const wasi = new WASI({
  version: 'preview1',
  args: [file, ...args],
  env: {},
  preopens: folder ? { '/work': folder } : {},
  returnOnExit: true,
});
const instance = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(file)), wasi.getImportObject());
process.exitCode = wasi.start(instance);
)";

const Peer* find_peer(std::string_view name) {
  for (const Peer& peer : peers()) {
    if (peer.name == name) return &peer;
  }
  return nullptr;
}

std::string known_peers() {
  return fmt::format("{}", fmt::join(bench_peer_names(), ", "));
}

std::optional<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return is_program(name) ? std::optional(name) : std::nullopt;
  }
  const char* const set = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
  std::string_view rest = set == nullptr ? "/usr/bin:/bin" : set;
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
    const std::string path = fmt::format("{}/{}", folder.empty() ? "." : folder, name);
    if (is_program(path)) return path;
  }
  return std::nullopt;
}

}  // namespace mimobox::bench

namespace mimobox {

std::vector<std::string_view> bench_peer_names() {
  std::vector<std::string_view> names;
  for (const bench::Peer& peer : bench::peers())
    names.push_back(peer.name);
  return names;
}

}  // namespace mimobox
