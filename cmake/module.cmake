# vitrine_module(NAME SOURCES... [INCLUDE DIR] [PUBLIC targets...] [PRIVATE targets...])
# A static library vitrine_NAME whose only exported directory is INCLUDE (default: include).
function(vitrine_module name)
  cmake_parse_arguments(arg "" "INCLUDE" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(NOT arg_INCLUDE)
    set(arg_INCLUDE include)
  endif()
  add_library(vitrine_${name} STATIC ${arg_SOURCES})
  target_include_directories(vitrine_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/${arg_INCLUDE}
                                             PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(vitrine_${name} PUBLIC ${arg_PUBLIC} PRIVATE vitrine_warnings ${arg_PRIVATE})
  vitrine_precompiled(vitrine_${name} vitrine_platform)
endfunction()

# vitrine_program(NAME SOURCES... LINK targets...): a binary in bin/.
function(vitrine_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_compile_definitions(${name} PRIVATE VITRINE_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE vitrine_warnings ${arg_LINK})
  vitrine_precompiled(${name} vitrine_platform)
endfunction()

# A third of the whole build's time went into optimising assertions; what they test is compiled at -O2 all the same.
set(vitrine_test_options $<$<CONFIG:RelWithDebInfo>:-O1> $<$<CONFIG:Debug>:-O0>)

# vitrine_test(ROOM LINK targets... [LABELS labels...] [DEFINITIONS ...] [BESIDE files...]): every *_test.cpp of tests/ROOM
# in one program. What is in BESIDE runs as a test ROOM_beside of its own, so that a long room has both cores.
function(vitrine_test room)
  cmake_parse_arguments(arg "" "" "LINK;LABELS;DEFINITIONS;BESIDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  add_executable(${room}_test ${sources})
  target_compile_definitions(${room}_test PRIVATE ${arg_DEFINITIONS})
  target_compile_options(${room}_test PRIVATE ${vitrine_test_options})
  target_link_libraries(${room}_test PRIVATE vitrine_test_support vitrine_warnings ${arg_LINK})
  vitrine_precompiled(${room}_test vitrine_test_support)
  set(tests ${room})
  if(arg_BESIDE)
    # The same files left out of the one as are chosen for the other: a new file runs, whether named or not.
    list(TRANSFORM arg_BESIDE PREPEND "*/")
    list(JOIN arg_BESIDE "," beside)
    add_test(NAME ${room} COMMAND ${room}_test --source-file-exclude=${beside})
    add_test(NAME ${room}_beside COMMAND ${room}_test --source-file=${beside})
    list(APPEND tests ${room}_beside)
  else()
    add_test(NAME ${room} COMMAND ${room}_test)
  endif()
  set_tests_properties(${tests} PROPERTIES LABELS "unit;${arg_LABELS}" TIMEOUT 300)
  # unit_tests, threads_tests, ...: build what one label runs and no more (the sanitizer builds).
  foreach(label unit ${arg_LABELS})
    if(NOT TARGET ${label}_tests)
      add_custom_target(${label}_tests)
    endif()
    add_dependencies(${label}_tests ${room}_test)
  endforeach()
endfunction()
