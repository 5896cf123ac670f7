# protoc makes wire.pb.{h,cc} beside the other build products. The generated code is compiled on its own, without our
# warnings, and is seen as a system header: what protoc writes is not ours to mend.
set(wire_dir ${CMAKE_CURRENT_BINARY_DIR}/wire)
file(MAKE_DIRECTORY ${wire_dir})
add_custom_command(
  OUTPUT ${wire_dir}/wire.pb.cc ${wire_dir}/wire.pb.h
  COMMAND protobuf::protoc --cpp_out=${wire_dir} -I ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/wire.proto
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/wire.proto
  VERBATIM)
add_library(vitrine_wire_generated STATIC ${wire_dir}/wire.pb.cc ${wire_dir}/wire.pb.h)
target_include_directories(vitrine_wire_generated SYSTEM PUBLIC ${wire_dir})
target_link_libraries(vitrine_wire_generated PUBLIC protobuf::libprotobuf-lite)

target_sources(vitrine_protocol PRIVATE
  codec/ack.cpp codec/beacon.cpp codec/chain.cpp codec/ingest_signature.cpp codec/topics.cpp codec/verify.cpp
  codec/wire.cpp codec/wire_columns.cpp codec/health_rows.cpp codec/wire_rows.cpp)
target_link_libraries(vitrine_protocol PRIVATE vitrine_wire_generated)
