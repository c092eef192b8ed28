# bench/*.cpp: one program bench_<file> each, linked to Google Benchmark.
find_package(benchmark REQUIRED)

file(GLOB bench_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.cpp)
foreach(source IN LISTS bench_sources)
    cmake_path(GET source STEM name)
    set(target bench_${name})
    add_executable(${target} ${source})
    target_link_libraries(${target} PRIVATE lpusim_app benchmark::benchmark)
    target_compile_definitions(${target} PRIVATE LPUSIM_EXECUTABLE="$<TARGET_FILE:lpusim>"
                                                 LPUSIM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_dependencies(${target} lpusim)
    lpusim_use_ipo(${target})
endforeach()
