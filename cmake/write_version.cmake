# Script: writes OUTPUT from version.h.in, with the revision of SOURCE_DIR.
set(GIT_REVISION "unknown")
if(GIT)
    # The ceiling keeps an unpacked archive from reporting a repository that happens to surround it.
    cmake_path(GET SOURCE_DIR PARENT_PATH ceiling)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -E env GIT_CEILING_DIRECTORIES=${ceiling} ${GIT} --no-optional-locks
                describe --always --dirty --abbrev=12 --exclude=*
        WORKING_DIRECTORY ${SOURCE_DIR}
        RESULT_VARIABLE status
        OUTPUT_VARIABLE described
        OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(status EQUAL 0 AND described)
        set(GIT_REVISION "${described}")
    endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.h.in ${OUTPUT} @ONLY)
