#ifndef MIMOBOX_TESTS_PATHS_H_
#define MIMOBOX_TESTS_PATHS_H_

namespace mimobox::testing {

// Where the build has put what tests use. Here and not in a definition for all, so that a
// compiler's cache knows the tests of another checkout again.

/// The top folder of the source tree.
extern const char* const kSourceFolder;
/// The folder of the compiled guests, and of those in the text format.
extern const char* const kGuestFolder;
/// The command.
extern const char* const kCommand;

}  // namespace mimobox::testing

#endif  // MIMOBOX_TESTS_PATHS_H_
