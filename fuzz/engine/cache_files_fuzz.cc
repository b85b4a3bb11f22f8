// Any bytes in the files of a cache folder: code with its record, what is known of a path, and the
// record of the self-test. What does not fit is as good as none, also where its seal fits.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/sha256.h"
#include "base/unique_fd.h"
#include "base/write_file.h"
#include "cache/bytes.h"
#include "cache/code_store.h"
#include "cache/record.h"
#include "fuzz/support/canary_tree.h"
#include "fuzz/support/choices.h"
#include "sandbox/interrupt_record.h"

namespace {

using mimobox::base::FileFingerprint;
using mimobox::base::UniqueFd;
using mimobox::cache::CodeStore;
using mimobox::cache::Digest;
using mimobox::cache::KnownModule;
using mimobox::cache::Record;
using mimobox::cache::Seal;
using mimobox::fuzz::Choices;
using mimobox::fuzz::require;
using mimobox::internal::InterruptRecord;
namespace base = mimobox::base;
namespace cache = mimobox::cache;

using Bytes = std::vector<std::byte>;

constexpr Digest kKey{std::byte{1}};
constexpr Digest kModule{std::byte{2}};
constexpr FileFingerprint kFile{
    .device = 1, .inode = 2, .size = 3, .modified_ns = 4, .changed_ns = 5};
constexpr std::size_t kSealBytes = sizeof(Digest);

/// A folder that goes with the process, and the store in it.
class World {
 public:
  World() {
    std::string name = (std::filesystem::temp_directory_path() / "mimobox-fuzz-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "no folder");
    path_ = name;
    folder_ = open();
    store_ = std::make_unique<CodeStore>(open(), kKey, std::make_shared<cache::StoreRules>());
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const CodeStore& store() const { return *store_; }
  [[nodiscard]] int folder() const { return folder_.get(); }

  /// The only file whose name begins or ends so.
  [[nodiscard]] std::string name_of(std::string_view part) const {
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      const std::string name = entry.path().filename();
      if (name.starts_with(part) || name.ends_with(part)) return name;
    }
    return "";
  }
  [[nodiscard]] Bytes read(const std::string& name) const {
    const UniqueFd file(::openat(folder_.get(), name.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    require(::fstat(file.get(), &status) == 0, "a file that was written is not there");
    Bytes bytes(static_cast<std::size_t>(status.st_size));
    require(base::read_exactly(file.get(), bytes, 0), "a file cannot be read");
    return bytes;
  }
  void write(const std::string& name, const Bytes& bytes) const {
    const UniqueFd file(::openat(folder_.get(), name.c_str(),
                                 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    require(base::write_all(file.get(), bytes) == 0, "a file cannot be written");
  }

 private:
  [[nodiscard]] UniqueFd open() const {
    return UniqueFd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  std::filesystem::path path_;
  UniqueFd folder_;
  std::unique_ptr<CodeStore> store_;
};

Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// Overwrites, cuts or lengthens at places that the fuzzer chooses; or all of it is the fuzzer's.
void damage(Choices& choices, Bytes& bytes) {
  if (choices.flag()) {
    bytes = bytes_of(choices.text(choices.left()));
    return;
  }
  for (std::uint32_t left = choices.below(8); left > 0; --left) {
    const auto at = choices.number<std::uint16_t>();
    const auto value = static_cast<std::byte>(choices.number<std::uint8_t>());
    if (at < bytes.size()) {
      // Counted from the end, where the fields are.
      bytes[bytes.size() - 1 - at] = value;
    } else if (choices.flag()) {
      bytes.resize(bytes.size() / 2);
    } else {
      bytes.push_back(value);
    }
  }
}

/// Makes the seal fit what stands before it, from `begin` on.
void close_again(Bytes& bytes, std::size_t begin) {
  if (bytes.size() < begin + kSealBytes) return;
  const std::size_t end = bytes.size() - kSealBytes;
  const Digest seal = Seal().of(std::span(bytes).subspan(begin, end - begin));
  std::ranges::copy(seal, bytes.begin() + static_cast<std::ptrdiff_t>(end));
}

void check_code(Choices& choices, const World& world) {
  const Bytes artifact = bytes_of(choices.text(1 + choices.below(64)));
  Record record{.key = choices.flag() ? kKey : kModule,
                .module = choices.flag() ? kModule : kKey,
                .module_bytes = choices.number<std::uint64_t>(),
                .artifact_bytes = artifact.size(),
                .artifact = base::sha256(artifact)};
  for (std::uint32_t left = choices.below(4); left > 0; --left)
    record.ranges.push_back({choices.number<std::uint16_t>(), choices.number<std::uint16_t>()});
  const Bytes tail = cache::encode(record, Seal());
  Bytes file = artifact;
  file.insert(file.end(), tail.begin(), tail.end());
  damage(choices, file);
  if (choices.flag()) close_again(file, artifact.size());

  const std::string name = base::to_hex(kModule).append(cache::kCodeSuffix);
  world.write(name, file);
  const auto found = world.store().find(kModule);
  if (!found) {
    require(world.name_of(cache::kCodeSuffix).empty(), "what does not fit was left in place");
    return;
  }
  const Record& read = found->record;
  require(read.key == kKey && read.module == kModule, "the code of something else was taken");
  require(read.artifact_bytes < file.size() &&
              base::sha256(std::span(file).first(read.artifact_bytes)) == read.artifact,
          "another artifact was taken");
  require(mimobox::engine::in_order(read.ranges), "ranges out of order were taken");
  const Bytes again = cache::encode(read, Seal());
  require(cache::decode(again, read.artifact_bytes + again.size(), Seal()) == read,
          "a record does not come back");
  require(!cache::decode(again, read.artifact_bytes + again.size(), Seal("key")).has_value(),
          "a record without a key was taken under one");
}

void check_path(Choices& choices, const World& world) {
  const KnownModule module{.digest = kModule, .bytes = choices.number<std::uint64_t>()};
  world.store().remember_module(kFile, module);
  require(world.store().find_module(kFile) == module, "what was remembered is forgotten");
  const std::string name = world.name_of(cache::kPathSuffix);
  const Bytes good = world.read(name);
  Bytes file = good;
  damage(choices, file);
  const bool closed = choices.flag();
  if (closed) close_again(file, 0);
  world.write(name, file);
  const auto found = world.store().find_module(kFile);
  require(found.has_value() ? file.size() == good.size() : file != good,
          "a good note was refused, or one of another size taken");
  require(!found || closed || file == good || *found == module, "a changed note was taken");
  FileFingerprint other = kFile;
  ++other.changed_ns;
  require(file != good || !world.store().find_module(other), "another state of the file is known");
}

/// Sealed at its begin, by the digest in hexadecimal digits.
void check_self_test(Choices& choices, const World& world) {
  using State = InterruptRecord::State;
  std::string why;
  const auto record = InterruptRecord::open(world.folder(), &why);
  require(record.has_value(), "the record cannot be opened");
  static constexpr State kStates[] = {State::kTesting, State::kFailed, State::kPassed};
  InterruptRecord::Content content{.state = kStates[choices.below(3)]};
  if (content.state == State::kTesting) content.tests_begun = choices.number<std::uint32_t>();
  if (content.state == State::kFailed) content.reason = choices.text(choices.below(64));
  if (content.state == State::kPassed)
    content.trap_site = bytes_of(choices.text(choices.below(64)));
  record->write(content);
  const auto same = [](const InterruptRecord::Content& a, const InterruptRecord::Content& b) {
    return a.state == b.state && a.tests_begun == b.tests_begun && a.reason == b.reason &&
           a.trap_site == b.trap_site;
  };
  require(same(record->read(), content), "a record does not come back");

  const std::string name = world.name_of("interrupt-");
  const Bytes good = world.read(name);
  Bytes file = good;
  damage(choices, file);
  constexpr std::size_t kHexBytes = 2 * kSealBytes;
  const bool closed = choices.flag() && file.size() >= kHexBytes;
  if (closed) {
    const Bytes seal = bytes_of(base::to_hex(base::sha256(std::span(file).subspan(kHexBytes))));
    std::ranges::copy(seal, file.begin());
  }
  world.write(name, file);
  const InterruptRecord::Content read = record->read();
  require(closed || file == good || read.state == State::kNone, "a changed record was taken");
  require(read.trap_site.size() <= file.size() && read.reason.size() <= file.size(),
          "more was read than is there");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  Choices choices(data, size);
  switch (choices.below(3)) {
    case 0:
      check_code(choices, world);
      break;
    case 1:
      check_path(choices, world);
      break;
    default:
      check_self_test(choices, world);
  }
  return 0;
}
