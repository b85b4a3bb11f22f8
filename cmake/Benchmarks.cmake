# Benchmarks: bench/<name>_bench.cc, each an executable with Google Benchmark's main.
file(GLOB benchmarks CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*_bench.cc)
if(benchmarks)
  find_package(benchmark REQUIRED)
endif()
foreach(source IN LISTS benchmarks)
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE
    mimobox_flags mimobox mimobox_wasi benchmark::benchmark benchmark::benchmark_main)
  target_compile_definitions(${name} PRIVATE MIMOBOX_GUEST_DIR="${PROJECT_BINARY_DIR}/guests")
endforeach()
