# Finds SystemC through pkg-config, the only description that Debian ships, and defines SystemC::systemc.
#
# SystemC encodes the C++ standard it was built for in a symbol that every user refers to. A library
# built for another standard fails with an obscure link error, so that is tried here, once, by name.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
    pkg_check_modules(PC_SystemC QUIET systemc)
endif()

find_path(
    SystemC_INCLUDE_DIR
    NAMES systemc
    HINTS ${PC_SystemC_INCLUDE_DIRS} ENV SYSTEMC_HOME
    PATH_SUFFIXES include)
find_library(
    SystemC_LIBRARY
    NAMES systemc
    HINTS ${PC_SystemC_LIBRARY_DIRS} ENV SYSTEMC_HOME
    PATH_SUFFIXES lib lib64 lib-linux64)
mark_as_advanced(SystemC_INCLUDE_DIR SystemC_LIBRARY)

# Not the .pc file's version: it need not belong to the header found.
if(SystemC_INCLUDE_DIR AND EXISTS ${SystemC_INCLUDE_DIR}/sysc/kernel/sc_ver.h)
    file(STRINGS ${SystemC_INCLUDE_DIR}/sysc/kernel/sc_ver.h version_lines
         REGEX "#define SC_VERSION_(MAJOR|MINOR|PATCH) ")
    string(REGEX REPLACE "[^0-9]+([0-9]+)" ".\\1" SystemC_VERSION "${version_lines}")
    string(REGEX REPLACE "^\\." "" SystemC_VERSION "${SystemC_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
    SystemC
    REQUIRED_VARS SystemC_LIBRARY SystemC_INCLUDE_DIR
    VERSION_VAR SystemC_VERSION)

if(SystemC_FOUND AND NOT TARGET SystemC::systemc)
    add_library(SystemC::systemc UNKNOWN IMPORTED)
    set_target_properties(
        SystemC::systemc
        PROPERTIES IMPORTED_LOCATION ${SystemC_LIBRARY}
                   INTERFACE_INCLUDE_DIRECTORIES ${SystemC_INCLUDE_DIR})
    find_package(Threads QUIET)
    target_link_libraries(SystemC::systemc INTERFACE Threads::Threads)

    include(CheckCXXSourceCompiles)
    set(CMAKE_REQUIRED_LIBRARIES SystemC::systemc)
    check_cxx_source_compiles(
        "#include <systemc>
         int sc_main(int, char**) { sc_core::sc_start(); return 0; }"
        SystemC_MATCHES_CXX_STANDARD)
    unset(CMAKE_REQUIRED_LIBRARIES)
    if(NOT SystemC_MATCHES_CXX_STANDARD)
        message(
            FATAL_ERROR
                "${SystemC_LIBRARY} does not link with C++${CMAKE_CXX_STANDARD} programs: it was built "
                "for another C++ standard. Rebuild SystemC with -DCMAKE_CXX_STANDARD=17, or install "
                "libsystemc-dev of Debian 12.")
    endif()
endif()
