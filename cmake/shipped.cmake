# How the programs of a package are compiled (presets arm64, armhf and amd64): hardened as Debian's own are, without what no
# program calls, and to the same bytes in whatever directory. The other presets build faster.
option(VITRINE_SHIPPED "Compile as for a package: hardened, small, without this machine's paths" OFF)
if(VITRINE_SHIPPED)
  add_compile_options(-fstack-protector-strong $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2> -ffunction-sections -fdata-sections
    -ffile-prefix-map=${PROJECT_BINARY_DIR}=build -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
  add_link_options(-Wl,-z,relro,-z,now -Wl,--gc-sections)
  # Of two that fit the later is taken, and a sysroot may lie in the source directory.
  if(CMAKE_SYSROOT)
    add_compile_options(-ffile-prefix-map=${CMAKE_SYSROOT}=)
  endif()
endif()
