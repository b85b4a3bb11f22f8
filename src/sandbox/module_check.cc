#include "sandbox/module_check.h"

#include <string>
#include <utility>

#include "mimobox/config.h"

#include "sandbox/helper_client.h"
#include "sandbox/import_check.h"
#include "wasm/bounds.h"
#include "wasm/module_kind.h"
#include "wasm/module_reader.h"
#include "wasm/proposals.h"

namespace mimobox::internal {
namespace {

std::unexpected<SandboxError> refuse(ErrorCode code, std::string why) {
  return std::unexpected(SandboxError{code, std::move(why)});
}

Result<void> check_text_size(std::span<const std::byte> text) {
  if (text.size() <= kMaxTextModuleBytes) return {};
  return refuse(ErrorCode::kModuleTooLarge,
                "a module in the text format of more than 8 MiB; convert it to the binary one "
                "(wat2wasm)");
}

}  // namespace

Result<std::vector<std::byte>> to_binary(std::vector<std::byte> bytes) {
  if (wasm::byte_kind(bytes) != wasm::ByteKind::kText) return bytes;
  if (auto fits = check_text_size(bytes); !fits) return std::unexpected(std::move(fits).error());
  return engine::text_to_binary({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Result<std::vector<std::byte>> to_binary(const RuntimeConfig& config, const engine::Engine& engine,
                                         std::vector<std::byte> bytes) {
  if (config.compile_helper.empty() || wasm::byte_kind(bytes) != wasm::ByteKind::kText) {
    return to_binary(std::move(bytes));
  }
  if (auto fits = check_text_size(bytes); !fits) return std::unexpected(std::move(fits).error());
  return ask_helper(config, HelperTask::kConvert, engine, bytes, {});
}

Result<void> check_module(const engine::Engine& engine, std::span<const std::byte> bytes) {
  if (const std::string_view hint = kind_hint(wasm::byte_kind(bytes)); !hint.empty()) {
    return refuse(ErrorCode::kModuleInvalid, std::string(hint));
  }
  auto summary = wasm::read_module(bytes, {.function_names = false});
  if (summary) {
    const auto& refusals = summary->findings.refusals;
    if (!refusals.empty()) {
      return refuse(ErrorCode::kUnsupportedFeature, refusal_sentence(refusals.front()));
    }
    const auto above = check_bounds(*summary);
    if (!above.empty()) return refuse(ErrorCode::kModuleTooLarge, bound_sentence(above.front()));
  }
  auto valid = engine.validate(bytes);
  if (!summary) return valid;
  if (valid) {
    for (const wasm::Import& import : summary->imports) {
      if (auto why = why_not_offered(*summary, import)) {
        return refuse(ErrorCode::kUnsupportedImport, *std::move(why));
      }
    }
    return valid;
  }
  // Instructions are read only now: most modules are valid, and what is refused can wait.
  static_cast<void>(scan_bodies(bytes, *summary));
  const auto& refusals = summary->findings.refusals;
  if (refusals.empty()) return valid;
  return refuse(ErrorCode::kUnsupportedFeature, refusal_sentence(refusals.front()));
}

}  // namespace mimobox::internal
