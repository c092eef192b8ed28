# lpusim_library(<name> [SOURCES <file>...] [FOLDERS <dir>...] [EXCLUDE <file>...]
#                [PRECOMPILE <header>...] LINK <target>...)
#
# A static library of every .cpp in the folders (not below them) plus the sources given. A layer of
# headers only becomes an INTERFACE library, so that it links like any other.
include_guard(GLOBAL)

# Precompiled headers halve the time of a build, and hide a missing #include: the dev preset goes without them.
function(lpusim_precompile target)
    if(LPUSIM_PRECOMPILE AND ARGN)
        target_precompile_headers(${target} PRIVATE ${ARGN})
    endif()
endfunction()

function(lpusim_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;FOLDERS;EXCLUDE;PRECOMPILE;LINK")
    set(sources ${arg_SOURCES})
    foreach(folder IN LISTS arg_FOLDERS)
        file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
        list(APPEND sources ${found})
        # CMake makes a file of that name out of the group.
        string(MAKE_C_IDENTIFIER ${folder} group)
        set_source_files_properties(${found} PROPERTIES UNITY_GROUP ${group})
    endforeach()
    foreach(excluded IN LISTS arg_EXCLUDE)
        list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/${excluded})
    endforeach()

    if(sources)
        add_library(${name} STATIC ${sources})
        target_link_libraries(${name} PUBLIC lpusim_build_options ${arg_LINK})
        lpusim_use_ipo(${name})
        lpusim_precompile(${name} ${arg_PRECOMPILE})
        # Names in the anonymous namespaces of a folder have to differ, from each other and from those of outer namespaces.
        if(LPUSIM_UNITY)
            set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
            # gcc takes the anonymous namespace of an included source for that of a header.
            target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
        endif()
    else()
        add_library(${name} INTERFACE)
        target_link_libraries(${name} INTERFACE lpusim_build_options ${arg_LINK})
    endif()
endfunction()
