// module.h and module_info.h: what a module needs, before anybody runs it.
//
//   module_report MODULE

#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <string>

#include "mimobox/module.h"
#include "mimobox/module_info.h"
#include "mimobox/runtime.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: module_report MODULE\n";
    return 2;
  }
  // inspect_bytes() also reads modules that would be refused, and says why.
  std::ifstream file(argv[1], std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const auto info = mimobox::inspect_bytes(std::as_bytes(std::span(bytes)));
  if (!info) {
    std::cerr << info.error().message << '\n';
    return 1;
  }
  std::cout << info->function_count << " functions, " << info->import_count << " imports\n";
  for (const std::string& function : info->wasi_functions) {
    std::cout << "  needs " << function << '\n';
  }
  for (const mimobox::RefusalInfo& refusal : info->refusals) {
    std::cout << "  refused: " << refusal.reason << '\n';
  }
  if (!info->refusals.empty()) return 0;

  const auto runtime = mimobox::Runtime::create();
  const auto module = runtime ? runtime->load(argv[1]) : std::unexpected(runtime.error());
  if (!module) {
    std::cerr << module.error().message << '\n';
    return 1;
  }
  // Compiling ahead moves the price of the first run to where it does not hurt.
  if (const auto compiled = runtime->compile(*module, {}); !compiled) {
    std::cerr << compiled.error().message << '\n';
    return 1;
  }
  std::cout << module->name() << ", SHA-256 " << module->digest() << ", ready to run\n";
  return 0;
}
