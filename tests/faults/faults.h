#ifndef MIMOBOX_TESTS_FAULTS_FAULTS_H_
#define MIMOBOX_TESTS_FAULTS_FAULTS_H_

#include <cstdint>

// What the preload library (preload.cc) can do to the program that it is loaded into. The program
// looks the functions up by name, so that it starts without the library too and can say so.

namespace mimobox::faults {

/// What fails.
enum class Kind : std::uint8_t {
  kAllocation,  ///< operator new throws bad_alloc, malloc gives null
  kDescriptor,  ///< what makes a descriptor: EMFILE
  kDisk,        ///< what needs room on a disk: ENOSPC
  kInterrupt,   ///< what may wait: EINTR, once
  kShort,       ///< reads and writes move one byte, or the half of the first buffer
  kThread,      ///< pthread_create: EAGAIN
};

/// Whose calls fail: those made from functions of this project's namespace, or those made from
/// everything else in the program, which is the engine. Calls of shared libraries never do, but
/// operator new counts as ours wherever it is called from: the engine is not written in C++.
enum class Whose : std::uint8_t { kOurs, kEngines };

/// Which of the calls.
enum class From : std::uint8_t {
  kOnce,   ///< the n-th
  kAlways  ///< the n-th and all after it
};

/// Begins to count the calls of a kind, from 1 on all threads; `nth` 0 only counts.
using Arm = void (*)(Kind kind, Whose whose, From from, long nth);
/// Ends it; how many such calls there were.
using Disarm = long (*)();
/// Objects made by operator new that were not deleted yet.
using LiveObjects = long (*)();
/// Functions of the program that are known as ours; none: the library cannot tell.
using KnownFunctions = long (*)();

inline constexpr const char* kArm = "mimobox_faults_arm";
inline constexpr const char* kDisarm = "mimobox_faults_disarm";
inline constexpr const char* kLiveObjects = "mimobox_faults_live_objects";
inline constexpr const char* kKnownFunctions = "mimobox_faults_known_functions";

}  // namespace mimobox::faults

#endif  // MIMOBOX_TESTS_FAULTS_FAULTS_H_
