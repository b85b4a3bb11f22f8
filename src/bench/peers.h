#ifndef MIMOBOX_BENCH_PEERS_H_
#define MIMOBOX_BENCH_PEERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mimobox::bench {

/// A native build of the workload is a peer of this name.
inline constexpr std::string_view kNative = "native";

/// One run of a module in another program.
struct PeerRun {
  std::string program;
  std::string module_path;
  std::vector<std::string> args;  ///< of the guest
  std::string folder;             ///< of the host, granted as `kBenchFolder`; empty: none
  std::string cache_folder;       ///< for those that are told where they may keep compiled code
  std::string node_script;        ///< path of `kNodeScript`
};

/// What we know about a peer.
struct Peer {
  std::string_view name;
  std::vector<std::string_view> version_args;
  std::vector<std::string> (*command)(const PeerRun&);
};

/// Runs a module by Node's own WASI; its arguments are the module, the folder and the guest's.
extern const std::string_view kNodeScript;

/// Null when there is none of that name.
[[nodiscard]] const Peer* find_peer(std::string_view name);

/// Their names for a message.
[[nodiscard]] std::string known_peers();

/// The program's path, as a shell finds it in our PATH; nullopt when there is none.
[[nodiscard]] std::optional<std::string> find_program(const std::string& name);

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_PEERS_H_
