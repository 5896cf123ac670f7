// Under a sanitizer a test takes many times as long, and what it looks for there, a wrong access or
// a race, shows in a few rounds; the breadth of inputs is the release suite's part.
#pragma once

namespace vitrine::testing {

#ifdef VITRINE_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace vitrine::testing
