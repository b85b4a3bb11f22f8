#ifndef MIMOBOX_BASE_SANITIZED_H_
#define MIMOBOX_BASE_SANITIZED_H_

namespace mimobox::base {

/// Whether this build has a sanitizer that keeps shadows of memory: signals come late, and address
/// space is scarce.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_SANITIZED_H_
