#ifndef MIMOBOX_WASI_RIGHTS_H_
#define MIMOBOX_WASI_RIGHTS_H_

#include <cstdint>

namespace mimobox::wasi {

// The rights of preview 1, with the specification's bits.
// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#rights
inline constexpr std::uint64_t kRightFdDatasync = 1ULL << 0;
inline constexpr std::uint64_t kRightFdRead = 1ULL << 1;
inline constexpr std::uint64_t kRightFdSeek = 1ULL << 2;
inline constexpr std::uint64_t kRightFdFdstatSetFlags = 1ULL << 3;
inline constexpr std::uint64_t kRightFdSync = 1ULL << 4;
inline constexpr std::uint64_t kRightFdTell = 1ULL << 5;
inline constexpr std::uint64_t kRightFdWrite = 1ULL << 6;
inline constexpr std::uint64_t kRightFdAdvise = 1ULL << 7;
inline constexpr std::uint64_t kRightFdAllocate = 1ULL << 8;
inline constexpr std::uint64_t kRightPathCreateDirectory = 1ULL << 9;
inline constexpr std::uint64_t kRightPathCreateFile = 1ULL << 10;
inline constexpr std::uint64_t kRightPathLinkSource = 1ULL << 11;
inline constexpr std::uint64_t kRightPathLinkTarget = 1ULL << 12;
inline constexpr std::uint64_t kRightPathOpen = 1ULL << 13;
inline constexpr std::uint64_t kRightFdReaddir = 1ULL << 14;
inline constexpr std::uint64_t kRightPathReadlink = 1ULL << 15;
inline constexpr std::uint64_t kRightPathRenameSource = 1ULL << 16;
inline constexpr std::uint64_t kRightPathRenameTarget = 1ULL << 17;
inline constexpr std::uint64_t kRightPathFilestatGet = 1ULL << 18;
inline constexpr std::uint64_t kRightPathFilestatSetSize = 1ULL << 19;
inline constexpr std::uint64_t kRightPathFilestatSetTimes = 1ULL << 20;
inline constexpr std::uint64_t kRightFdFilestatGet = 1ULL << 21;
inline constexpr std::uint64_t kRightFdFilestatSetSize = 1ULL << 22;
inline constexpr std::uint64_t kRightFdFilestatSetTimes = 1ULL << 23;
inline constexpr std::uint64_t kRightPathSymlink = 1ULL << 24;
inline constexpr std::uint64_t kRightPathRemoveDirectory = 1ULL << 25;
inline constexpr std::uint64_t kRightPathUnlinkFile = 1ULL << 26;
inline constexpr std::uint64_t kRightPollFdReadwrite = 1ULL << 27;

/// What applies to a regular file. A descriptor never has more.
inline constexpr std::uint64_t kFileRights =
    kRightFdDatasync | kRightFdRead | kRightFdSeek | kRightFdFdstatSetFlags | kRightFdSync |
    kRightFdTell | kRightFdWrite | kRightFdAdvise | kRightFdAllocate | kRightFdFilestatGet |
    kRightFdFilestatSetSize | kRightFdFilestatSetTimes | kRightPollFdReadwrite;

/// What applies to a directory itself.
inline constexpr std::uint64_t kDirectoryRights =
    kRightFdDatasync | kRightFdSync | kRightPathCreateDirectory | kRightPathCreateFile |
    kRightPathLinkSource | kRightPathLinkTarget | kRightPathOpen | kRightFdReaddir |
    kRightPathReadlink | kRightPathRenameSource | kRightPathRenameTarget | kRightPathFilestatGet |
    kRightPathFilestatSetSize | kRightPathFilestatSetTimes | kRightFdFilestatGet |
    kRightFdFilestatSetTimes | kRightPathSymlink | kRightPathRemoveDirectory | kRightPathUnlinkFile;

/// What may be asked for below a directory that a guest is granted. A read-only mount has them too,
/// as in wasmtime: C libraries ask for no more than they are offered, and a program that opens a
/// file for writing shall hear at once that it cannot.
inline constexpr std::uint64_t kInheritedRights = kDirectoryRights | kFileRights;

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_RIGHTS_H_
