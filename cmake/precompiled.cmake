# The headers that nearly every file takes are read once a build, not once for each batch of files: in the sanitizers'
# builds, which are clang's. GCC 12 warns about correct code of its library (-Warray-bounds) once it has read it beforehand.
set(vitrine_common_headers
  <algorithm> <array> <atomic> <charconv> <chrono> <cmath> <cstdint> <cstring> <deque> <functional> <map> <memory> <mutex>
  <optional> <set> <span> <string> <string_view> <thread> <tuple> <unordered_map> <utility> <variant> <vector>
  <spdlog/fmt/fmt.h>)
# What is read for all by vitrine_platform holds {fmt} with spdlog's macros, which these compile without; or, the last two,
# with other options: a compiler takes only what was read with its own.
set(vitrine_reads_by_itself vitrine_base vitrine_exposure vitrine_protocol_types vitrine_scheduler vitrine_planner vitrine_player_draw)

# vitrine_precompiled(TARGET OWNER): for a target with the options and the macros of OWNER.
function(vitrine_precompiled target owner)
  if(NOT VITRINE_SANITIZE OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR target IN_LIST vitrine_reads_by_itself)
    return()
  endif()
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE ${vitrine_common_headers} ${ARGN})
    # Else it has its date in it, and ccache would never see the same twice.
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

# ccache keeps nothing of a build with precompiled headers unless it is told not to mind what no file here uses: __DATE__,
# __TIME__, and macros that such a header was read with.
if(VITRINE_SANITIZE AND CMAKE_CXX_COMPILER_LAUNCHER STREQUAL "ccache")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ccache)
endif()
