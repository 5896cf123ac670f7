set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(VITRINE_ARCH armhf)
set(VITRINE_TRIPLE arm-linux-gnueabihf)
set(VITRINE_EMULATOR qemu-arm-static)
# Files of more than 2 GB. Not 64-bit time_t: Debian 12's libraries for armhf take the other, and times here are int64.
# GCC 7 changed how a few types are passed and says so at each; everything here is built with a later one.
set(VITRINE_FLAGS "-D_FILE_OFFSET_BITS=64 -Wno-psabi")
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
