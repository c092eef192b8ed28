# lpusim_build_options: the warnings, sanitizers and library checks that all of our own code is built with.
# Libraries of others come in as imported targets, hence as system headers: their warnings stay silent.
include_guard(GLOBAL)

add_library(lpusim_build_options INTERFACE)
target_include_directories(lpusim_build_options INTERFACE ${PROJECT_SOURCE_DIR})

target_compile_options(
    lpusim_build_options
    INTERFACE -Wall
              -Wextra
              -Wpedantic
              -Wcast-align
              -Wcast-qual
              -Wconversion
              -Wdouble-promotion
              -Wextra-semi
              -Wformat=2
              -Wimplicit-fallthrough
              -Wnon-virtual-dtor
              -Wold-style-cast
              -Woverloaded-virtual
              -Wshadow
              -Wundef
              -Wunused
              $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-branches>
              $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
              $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
              $<$<BOOL:${LPUSIM_WARNINGS_AS_ERRORS}>:-Werror>)

# Bounds checks in the standard library cost little where assertions are on anyway.
target_compile_definitions(lpusim_build_options INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(LPUSIM_SANITIZE)
    set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    # gcc's flow analysis does not see through the instrumentation; the other presets keep this warning.
    target_compile_options(lpusim_build_options INTERFACE ${sanitizers}
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(lpusim_build_options INTERFACE ${sanitizers})
endif()

if(LPUSIM_IPO)
    include(CheckIPOSupported)
    check_ipo_supported(RESULT LPUSIM_IPO_SUPPORTED LANGUAGES CXX)
endif()

# Only lpusim and the benchmarks are linked with IPO. The objects are "fat" so that the tests can link
# the same libraries without it: a dozen optimising links would cost minutes and find nothing.
function(lpusim_use_ipo target)
    if(LPUSIM_IPO_SUPPORTED AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
        target_compile_options(${target} PRIVATE -ffat-lto-objects)
    endif()
endfunction()

function(lpusim_link_without_ipo target)
    if(LPUSIM_IPO_SUPPORTED AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_link_options(${target} PRIVATE -fno-lto)
    endif()
endfunction()
