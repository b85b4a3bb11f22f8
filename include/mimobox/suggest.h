#ifndef MIMOBOX_SUGGEST_H_
#define MIMOBOX_SUGGEST_H_

#include <span>
#include <string>
#include <string_view>

namespace mimobox {

/// "; did you mean 'run'?" for the candidate that is at most two typing errors away from `word`;
/// empty when there is none or it would be another word.
[[nodiscard]] std::string suggest(std::string_view word, std::span<const std::string> candidates);

}  // namespace mimobox

#endif  // MIMOBOX_SUGGEST_H_
