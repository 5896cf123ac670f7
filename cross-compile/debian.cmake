# What the toolchain files have in common: Debian's cross compiler against a sysroot (./run sysroot ARCH), and nothing of
# this machine. Set before: VITRINE_ARCH (Debian's name), VITRINE_TRIPLE, VITRINE_EMULATOR, VITRINE_FLAGS.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_LIBRARY_ARCHITECTURE ${VITRINE_TRIPLE})
set(CMAKE_CXX_COMPILER ${VITRINE_TRIPLE}-g++)
set(CMAKE_CXX_COMPILER_TARGET ${VITRINE_TRIPLE})

set(CMAKE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../build/sysroot-${VITRINE_ARCH})
file(REAL_PATH ${CMAKE_SYSROOT} CMAKE_SYSROOT)
set(CMAKE_FIND_ROOT_PATH ${CMAKE_SYSROOT})
# Programs (protoc) run here, everything else is of the device.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_PATH} "")
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/${VITRINE_TRIPLE}/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)

# --sysroot alone is not enough: Debian's cross compiler looks into /usr/TRIPLE, the C library that came with it, before it
# looks into the sysroot, for headers, start files and libraries. So all of them are named.
set(include ${CMAKE_SYSROOT}/usr/include)
set(lib ${CMAKE_SYSROOT}/usr/lib/${VITRINE_TRIPLE})
set(gcc ${CMAKE_SYSROOT}/usr/lib/gcc/${VITRINE_TRIPLE}/12)
set(CMAKE_CXX_FLAGS_INIT "-nostdinc -nostdinc++ -B${gcc} -B${lib} -B${CMAKE_SYSROOT}/lib/${VITRINE_TRIPLE} ${VITRINE_FLAGS}")
set(CMAKE_CXX_STANDARD_INCLUDE_DIRECTORIES
  ${include}/c++/12 ${include}/${VITRINE_TRIPLE}/c++/12 ${include}/c++/12/backward ${gcc}/include ${include}/${VITRINE_TRIPLE} ${include})
# The needs of needed libraries; blas and lapack lie in folders of their own.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link,${lib}:${lib}/blas:${lib}/lapack")
# ctest runs what was built for the device as if it were of this machine.
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/bin/${VITRINE_EMULATOR};-L;${CMAKE_SYSROOT})
