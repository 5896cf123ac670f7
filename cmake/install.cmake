# Which file is of which Debian package: a component is a package (debian/control), and debian/rules installs one by one.
# vitrine_package(PACKAGE PROGRAMS targets... MAN pages... UNITS files of systemd/...)
function(vitrine_package package)
  cmake_parse_arguments(arg "" "" "PROGRAMS;MAN;UNITS" ${ARGN})
  if(arg_PROGRAMS)
    install(TARGETS ${arg_PROGRAMS} DESTINATION bin COMPONENT ${package})
    add_dependencies(packaged ${arg_PROGRAMS})
  endif()
  foreach(page ${arg_MAN})
    string(REGEX REPLACE ".*\\." "" section ${page})
    install(FILES docs/man/${page} DESTINATION share/man/man${section} COMPONENT ${package})
  endforeach()
  list(TRANSFORM arg_UNITS PREPEND systemd/)
  install(FILES ${arg_UNITS} DESTINATION /lib/systemd/system COMPONENT ${package})
endfunction()

# vitrine_install(PACKAGE FILE TO DIRECTORY [AS NAME]): a file that is not built.
function(vitrine_install package file)
  cmake_parse_arguments(arg "" "TO;AS" "" ${ARGN})
  cmake_path(GET file FILENAME name)
  if(arg_AS)
    set(name ${arg_AS})
  endif()
  install(FILES ${file} DESTINATION ${arg_TO} RENAME ${name} COMPONENT ${package})
endfunction()

# All that is shipped, and nothing of the tests.
add_custom_target(packaged)

vitrine_install(vitrine-common systemd/vitrine.sysusers TO lib/sysusers.d AS vitrine.conf)
vitrine_install(vitrine-common systemd/vitrine.tmpfiles TO lib/tmpfiles.d AS vitrine.conf)
vitrine_install(vitrine-common systemd/vitrine.rules TO /lib/udev/rules.d AS 70-vitrine.rules)
foreach(page runbook health privacy packages field-guide updates)
  vitrine_install(vitrine-common docs/${page}.md TO share/doc/vitrine-common)
endforeach()

vitrine_package(vitrine-cli PROGRAMS vitrine MAN vitrine.1)
vitrine_install(vitrine-cli debian/completion.bash TO share/bash-completion/completions AS vitrine)

vitrine_package(vitrine-player PROGRAMS vitrine-player vitrine-vet MAN vitrine-player.8 vitrine-vet.8
  UNITS vitrine-player.service vitrine-vet.service vitrine-reboot.path vitrine-reboot.service)
vitrine_package(vitrine-audience PROGRAMS vitrine-audience vitrine-camera-setup MAN vitrine-audience.8 vitrine-camera-setup.8
  UNITS vitrine-audience.service)
vitrine_package(vitrine-telemetry PROGRAMS vitrine-telemetry MAN vitrine-telemetry.8 UNITS vitrine-telemetry.service)

# What makes a machine a screen, beside its programs: how it is enrolled, updated, and what it does not show.
vitrine_package(vitrine-screen MAN vitrine-update.8
  UNITS vitrine-identity.path vitrine-identity.service vitrine-join.path vitrine-join.service
        vitrine-update.path vitrine-update.service vitrine-update-resume.service vitrine-update-trial.service
        vitrine-update-trial.timer)
install(PROGRAMS update/vitrine-update DESTINATION sbin COMPONENT vitrine-screen)
vitrine_install(vitrine-screen systemd/screen/journald.conf TO lib/systemd/journald.conf.d AS 50-vitrine.conf)
vitrine_install(vitrine-screen systemd/screen/watchdog.conf TO lib/systemd/system.conf.d AS 50-vitrine.conf)
vitrine_install(vitrine-screen systemd/screen/getty.conf TO /lib/systemd/system/getty@tty1.service.d AS 50-vitrine.conf)

vitrine_package(vitrine-operator PROGRAMS vitrine-fleet MAN vitrine-fleet.1 vitrine-repository.1)
install(PROGRAMS update/vitrine-repository DESTINATION bin COMPONENT vitrine-operator)

vitrine_package(vitrine-backflow PROGRAMS vitrine-ingest vitrine-desired vitrine-enrol vitrine-online vitrine-redirect
  MAN vitrine-ingest.8 vitrine-desired.8 vitrine-enrol.8 vitrine-online.8 vitrine-redirect.8
  UNITS backend/vitrine-ingest.service backend/vitrine-desired.service backend/vitrine-enrol.service
        backend/vitrine-online.service backend/vitrine-redirect.service)
vitrine_install(vitrine-backflow systemd/backend/vitrine-backflow.sysusers TO lib/sysusers.d AS vitrine-backflow.conf)
vitrine_install(vitrine-backflow systemd/backend/vitrine-backflow.tmpfiles TO lib/tmpfiles.d AS vitrine-backflow.conf)
foreach(file mosquitto.conf acl)
  vitrine_install(vitrine-backflow backflow/broker/${file} TO share/vitrine/broker)
endforeach()
foreach(site enrol redirect)
  vitrine_install(vitrine-backflow backflow/${site}/nginx-site.conf TO share/doc/vitrine-backflow/examples AS nginx-${site}.conf)
endforeach()
vitrine_install(vitrine-backflow backflow/backend.toml TO share/doc/vitrine-backflow/examples)
