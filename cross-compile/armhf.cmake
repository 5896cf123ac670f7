set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(VITRINE_ARCH armhf)
set(VITRINE_TRIPLE arm-linux-gnueabihf)
set(VITRINE_EMULATOR qemu-arm-static)
# GCC 7 changed how a few types are passed and says so at each; everything here is built with a later one.
set(VITRINE_FLAGS "-Wno-psabi")
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
