# lpusim_version: gives sim/ the generated header "lpusim/version.h".
#
# The git revision is read at build time, by the same script that runs once now: configure time would
# report the commit of the day the build folder was made. The header is rewritten only if it changes.
include_guard(GLOBAL)

find_package(Git QUIET)
set(version_header ${PROJECT_BINARY_DIR}/generated/lpusim/version.h)
set(write_version
    ${CMAKE_COMMAND}
    -D LPUSIM_VERSION=${PROJECT_VERSION}
    -D SOURCE_DIR=${PROJECT_SOURCE_DIR}
    -D GIT=${GIT_EXECUTABLE}
    -D OUTPUT=${version_header}
    -P ${PROJECT_SOURCE_DIR}/cmake/write_version.cmake)

execute_process(COMMAND ${write_version} COMMAND_ERROR_IS_FATAL ANY)
add_custom_target(
    lpusim_version_header
    COMMAND ${write_version}
    BYPRODUCTS ${version_header}
    COMMENT "Reading the git revision"
    VERBATIM)

add_library(lpusim_version INTERFACE)
target_include_directories(lpusim_version INTERFACE ${PROJECT_BINARY_DIR}/generated)
add_dependencies(lpusim_version lpusim_version_header)
