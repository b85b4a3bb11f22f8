// What somebody else's program does with the installed library: runs GUEST and checks the verdict.
// With RIVAL also calls a second Rust library whose symbols have the names of those inside ours.
#include <cstdio>
#include <string>

#include "mimobox/sandbox.h"

#ifdef RIVAL
extern "C" {
int rival_check();
int wasm_engine_new();
int wasmtime_store_new();
int mimobox_engine_new();
int SHA256_Init();
}

// What is inside our library is not what this program means by the same name.
namespace mimobox::wasi {
int host_fd() {
  return 1;
}
}  // namespace mimobox::wasi
#endif

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto runtime = mimobox::Runtime::create();
  if (!runtime) return std::puts(runtime.error().message.c_str()), 3;
  const auto missing = runtime->load("/no/such/module.wasm");
  if (missing || missing.error().code != mimobox::ErrorCode::kModuleNotFound) return 4;
  const auto module = runtime->load(argv[1]);
  if (!module) return std::puts(module.error().message.c_str()), 5;
  const auto sandbox = mimobox::WasmSandbox::create(*runtime, {});
  if (!sandbox) return std::puts(sandbox.error().message.c_str()), 6;
  // Its type information is the library's.
  mimobox::Sandbox* const base = sandbox->get();
  if (dynamic_cast<mimobox::WasmSandbox*>(base) == nullptr) return 7;
  const auto result = base->execute(*module, mimobox::RunRequest{});
  if (!result) return std::puts(result.error().message.c_str()), 8;
  if (result->verdict != mimobox::Verdict::kExited) return 9;
#ifdef RIVAL
  if (rival_check() != 42) return 10;
  if (wasm_engine_new() != 1 || wasmtime_store_new() != 2) return 11;
  if (mimobox_engine_new() != 3 || SHA256_Init() != 4) return 12;
  if (mimobox::wasi::host_fd() != 1) return 13;
#endif
  std::printf("consumer of %.*s: %s", static_cast<int>(mimobox::version().size()),
              mimobox::version().data(), result->out.data.c_str());
  return 0;
}
