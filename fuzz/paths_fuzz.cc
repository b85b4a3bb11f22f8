// Any path over any small tree of folders, files and links: what the kernel's way, the walk and a
// model in memory say about it is the same, and it is never what lies outside.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "fuzz/support/canary_tree.h"
#include "fuzz/support/choices.h"
#include "wasi/path_resolver.h"

namespace {

using mimobox::base::UniqueFd;
using mimobox::fuzz::CanaryTree;
using mimobox::fuzz::Choices;
using mimobox::fuzz::require;
using mimobox::wasi::Errno;
namespace wasi = mimobox::wasi;

constexpr int kMaxLinks = 40;  // as the kernel

struct Node {
  enum class Kind : std::uint8_t { kFolder, kFile, kLink } kind = Kind::kFolder;
  std::string target;
  Node* parent = nullptr;  ///< null: the start
  std::map<std::string, std::unique_ptr<Node>, std::less<>> entries;
  ino_t inode = 0;
};

/// How Linux resolves, beneath a start: the specification of path_resolution(7) in few lines.
class Model {
 public:
  explicit Model(Node& start) : start_(start) {}

  std::expected<const Node*, Errno> resolve(std::string_view path, bool follow) {
    if (path.empty()) return std::unexpected(Errno::kNoent);
    Node* at = &start_;
    const Errno failed = walk(path, follow, at);
    if (failed != Errno::kSuccess) return std::unexpected(failed);
    return at;
  }

 private:
  Errno walk(std::string_view path, bool follow_last, Node*& at) {
    if (path.starts_with('/')) return Errno::kPerm;
    while (true) {
      const std::size_t slash = path.find('/');
      const std::string_view name = path.substr(0, slash);
      const std::size_t next =
          slash == std::string_view::npos ? slash : path.find_first_not_of('/', slash);
      const bool last = next == std::string_view::npos;
      const bool must_be_folder = slash != std::string_view::npos;
      if (at->kind != Node::Kind::kFolder) return Errno::kNotdir;
      if (const Errno failed = step(name, follow_last || !last || must_be_folder, at);
          failed != Errno::kSuccess) {
        return failed;
      }
      if (must_be_folder && at->kind != Node::Kind::kFolder) return Errno::kNotdir;
      if (last) return Errno::kSuccess;
      path.remove_prefix(next);
    }
  }

  Errno step(std::string_view name, bool follow, Node*& at) {
    if (name == ".") return Errno::kSuccess;
    if (name == "..") {
      if (at->parent == nullptr) return Errno::kPerm;
      at = at->parent;
      return Errno::kSuccess;
    }
    if (name.size() > 255) return Errno::kNametoolong;
    const auto found = at->entries.find(name);
    if (found == at->entries.end()) return Errno::kNoent;
    if (found->second->kind != Node::Kind::kLink || !follow) {
      at = found->second.get();
      return Errno::kSuccess;
    }
    if (++links_ > kMaxLinks) return Errno::kLoop;
    return walk(found->second->target, true, at);
  }

  Node& start_;
  int links_ = 0;
};

CanaryTree& tree() {
  static CanaryTree kTree;
  return kTree;
}

/// A path of a few names and dots, whose slashes are the fuzzer's.
std::string path_of(Choices& choices) {
  static constexpr const char* kSteps[] = {"a", "b",  "c",      "..",    ".",
                                           "",  "dd", "canary", "grant", "/"};
  std::string path;
  for (std::uint32_t left = choices.below(10); left > 0; --left) {
    const std::uint32_t step = choices.below(std::size(kSteps) + 1);
    if (step == std::size(kSteps)) {
      path += choices.text(choices.below(8));
    } else {
      path += kSteps[step];
    }
    if (left > 1 || choices.flag()) path += '/';
  }
  return path;
}

/// Makes up to 24 entries in the host's folder and in the model.
void build(Choices& choices, Node& start, const std::string& grant) {
  static constexpr const char* kNames[] = {"a", "b", "c", "dd"};
  std::vector<std::pair<Node*, std::string>> folders{{&start, grant}};
  for (std::uint32_t left = choices.below(24); left > 0; --left) {
    const auto [folder, path] = folders[choices.below(static_cast<std::uint32_t>(folders.size()))];
    const char* const name = kNames[choices.below(std::size(kNames))];
    if (folder->entries.contains(name)) continue;
    auto node = std::make_unique<Node>();
    node->parent = folder;
    const std::string made = path + "/" + name;
    switch (choices.below(4)) {
      case 0:
      case 1:
        std::filesystem::create_directory(made);
        if (folders.size() < 8) folders.emplace_back(node.get(), made);
        break;
      case 2:
        node->kind = Node::Kind::kFile;
        std::ofstream(made) << "x";
        break;
      default:
        node->kind = Node::Kind::kLink;
        node->target = path_of(choices);
        if (node->target.empty() || node->target.contains('\0') || node->target.size() > 4000)
          node->target = "..";
        std::filesystem::create_symlink(node->target, made);
    }
    struct stat status{};
    require(::lstat(made.c_str(), &status) == 0, "what was made is not there");
    node->inode = status.st_ino;
    folder->entries.emplace(name, std::move(node));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  tree().clear();
  Node start;
  const UniqueFd folder(::open(tree().grant().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status{};
  require(folder.valid() && ::fstat(folder.get(), &status) == 0, "the grant cannot be opened");
  start.inode = status.st_ino;
  build(choices, start, tree().grant());
  wasi::ResolveBase base{.fd = folder.get(), .device = status.st_dev};

  for (int paths = 0; paths < 16 && !choices.empty(); ++paths) {
    const std::string path = path_of(choices);
    const bool follow = choices.flag();
    const auto expected = Model(start).resolve(path, follow);
    for (const bool walk : {false, true}) {
      base.walk = walk;
      const auto found = wasi::stat_beneath(base, path, follow);
      if (found) {
        require(!tree().is_outside(*found), "the outside was reached");
        require(expected.has_value(), "something was found that is not there");
        require(found->st_ino == (*expected)->inode, "something else was found");
        continue;
      }
      if (path.contains('\0')) continue;  // the model knows nothing of text that is no path
      require(!expected.has_value(), "what is there was not found");
      require(found.error() == expected.error(), "the answer is another one");
    }
  }
  tree().check();
  return 0;
}
