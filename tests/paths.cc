#include "tests/paths.h"

namespace mimobox::testing {

const char* const kSourceFolder = MIMOBOX_SOURCE_DIR;
const char* const kGuestFolder = MIMOBOX_GUEST_DIR;
const char* const kCommand = MIMOBOX_COMMAND;

}  // namespace mimobox::testing
