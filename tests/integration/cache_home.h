#ifndef MIMOBOX_TESTS_INTEGRATION_CACHE_HOME_H_
#define MIMOBOX_TESTS_INTEGRATION_CACHE_HOME_H_

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mimobox::testing {

/// What names the cache folder in the environment of this process, put back at the end.
class CacheHome {
 public:
  explicit CacheHome(const std::optional<std::string>& folder) {
    for (const char* const name : {"HOME", "XDG_CACHE_HOME", "MIMOBOX_CACHE_DIR"}) {
      const char* const value = std::getenv(name);
      before_.emplace_back(name,
                           value != nullptr ? std::optional<std::string>(value) : std::nullopt);
      ::unsetenv(name);
    }
    if (folder) ::setenv("XDG_CACHE_HOME", folder->c_str(), 1);
  }
  ~CacheHome() {
    for (const auto& [name, value] : before_) {
      if (value) {
        ::setenv(name.c_str(), value->c_str(), 1);
      } else {
        ::unsetenv(name.c_str());
      }
    }
  }

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

}  // namespace mimobox::testing

#endif  // MIMOBOX_TESTS_INTEGRATION_CACHE_HOME_H_
