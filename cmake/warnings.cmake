# Warnings are policy: everything below is an error. Third-party headers come in as SYSTEM and are not ours to mend.
add_library(vitrine_warnings INTERFACE)
target_compile_options(vitrine_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wundef -Wdouble-promotion
  # GCC 12 warns here about correct code that it inlined from its own libstdc++ (GCC bugs 105329, 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # GCC 12 at -O2 takes the inactive alternatives of a moved std::variant for uninitialised memory (GCC bug 105593 and kin).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  # Means a header's type made of what is private to one file. Compiled together, a source file looks like a header to it.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>
  # A designated or partial initialiser leaves the rest at the defaults the type itself states; that is the point of them.
  -Wno-missing-field-initializers)

if(VITRINE_SANITIZE)
  target_compile_options(vitrine_warnings INTERFACE
    -fsanitize=${VITRINE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(vitrine_warnings INTERFACE -fsanitize=${VITRINE_SANITIZE})
  # GCC and clang tell the code in different words.
  target_compile_definitions(vitrine_warnings INTERFACE VITRINE_SANITIZED)
endif()
