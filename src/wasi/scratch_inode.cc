#include "wasi/scratch_inode.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "wasi/file_types.h"

namespace mimobox::wasi {

ScratchNames::Entry* ScratchNames::find(std::string_view name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

void ScratchNames::add(std::string_view name, ScratchInode& inode) {
  // Both nodes are made aside; moving them in allocates nothing.
  ByName named;
  const auto entry =
      named.emplace(std::string(name), Entry{.cookie = next_cookie_, .inode = &inode}).first;
  std::map<std::uint64_t, ByName::const_pointer> numbered;
  numbered.emplace(next_cookie_, &*entry);
  by_name_.merge(named);
  by_cookie_.merge(numbered);
  ++next_cookie_;
}

void ScratchNames::remove(std::string_view name) noexcept {
  const auto found = by_name_.find(name);
  by_cookie_.erase(found->second.cookie);
  by_name_.erase(found);
}

Filetype ScratchInode::type() const {
  if (std::holds_alternative<ScratchFolder>(body)) return Filetype::kDirectory;
  if (std::holds_alternative<ScratchTarget>(body)) return Filetype::kSymbolicLink;
  return Filetype::kRegularFile;
}

}  // namespace mimobox::wasi
