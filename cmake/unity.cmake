# The builds compile up to 24 files of a target at once (CMakePresets.json): what eighteen files of a room cost apart from
# each other in batches of 8, they cost to a third less as one. Only debug compiles each alone, so that each includes what it
# uses (./run nightly). Compiled together, two files cannot both have a private name: give one of them another. These have one
# that another file of their target has too, and are compiled alone everywhere, for three seconds or so each.
# vitrine_alone(DIRECTORY files...)
function(vitrine_alone directory)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/${directory}/)
  set_source_files_properties(${ARGN} DIRECTORY ${PROJECT_SOURCE_DIR}/${directory} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

vitrine_alone(operator allocate.cpp next.cpp push_link.cpp report.cpp schedule_commands.cpp sign.cpp simulate.cpp)
vitrine_alone(planner problem.cpp resolve.cpp)
vitrine_alone(player output/xrgb.cpp)
vitrine_alone(protocol codec/reference.cpp)
vitrine_alone(state play_log.cpp)
vitrine_alone(telemetry bodies.cpp time_keeper.cpp)
# A program links a whole object or none of it: what calls protobuf or libssl stays apart, so that player, vet and audience
# do not come to need either; and tests/privacy puts another private_memory.cpp in the place of this.
vitrine_alone(platform certificate.cpp command_line.cpp private_memory.cpp tls.cpp)
vitrine_alone(protocol codec/ack.cpp codec/beacon.cpp codec/health_rows.cpp codec/wire.cpp codec/wire_columns.cpp codec/wire_rows.cpp)
if(VITRINE_TESTS)
  vitrine_alone(tests support/proxy.cpp)
  vitrine_alone(tests/audience capture_test.cpp dnn_test.cpp line_test.cpp pipeline_test.cpp presence_test.cpp rows_property_test.cpp tracker_test.cpp
                v4l2_device_test.cpp zone_test.cpp)
  vitrine_alone(tests/e2e attacker/files.cpp)
  vitrine_alone(tests/mqtt transport_test.cpp)
  vitrine_alone(tests/operator check_state_test.cpp rollout_test.cpp)
  vitrine_alone(tests/player_control keeper_test.cpp programme_test.cpp recorder_test.cpp)
  vitrine_alone(tests/protocol schedule_document_test.cpp)
  vitrine_alone(tests/scheduler_rules screen_calendar.cpp screen_state.cpp year_test.cpp)
  vitrine_alone(tests/state play_log_room_test.cpp)
  vitrine_alone(tests/telemetry bodies_test.cpp desired_test.cpp link_test.cpp metered_link_test.cpp
                outbox_damage_test.cpp outbox_property_test.cpp
                rehash_test.cpp takeover_test.cpp time_test.cpp)
endif()
