# lpusim_library(<name> [SOURCES <file>...] [FOLDERS <dir>...] [EXCLUDE <file>...] LINK <target>...)
#
# A static library of every .cpp in the folders (not below them) plus the sources given. A layer of
# headers only becomes an INTERFACE library, so that it links like any other.
include_guard(GLOBAL)

function(lpusim_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;FOLDERS;EXCLUDE;LINK")
    set(sources ${arg_SOURCES})
    foreach(folder IN LISTS arg_FOLDERS)
        file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
        list(APPEND sources ${found})
    endforeach()
    foreach(excluded IN LISTS arg_EXCLUDE)
        list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/${excluded})
    endforeach()

    if(sources)
        add_library(${name} STATIC ${sources})
        target_link_libraries(${name} PUBLIC lpusim_build_options ${arg_LINK})
        lpusim_use_ipo(${name})
    else()
        add_library(${name} INTERFACE)
        target_link_libraries(${name} INTERFACE lpusim_build_options ${arg_LINK})
    endif()
endfunction()
