#include "wasm/proposals.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace mimobox::wasm {

std::string_view proposal_name(Proposal proposal) {
  switch (proposal) {
    case Proposal::kMvp:
      return "mvp";
    case Proposal::kMutableGlobals:
      return "mutable-globals";
    case Proposal::kSignExtension:
      return "sign-extension";
    case Proposal::kSaturatingFloatToInt:
      return "saturating-float-to-int";
    case Proposal::kMultiValue:
      return "multi-value";
    case Proposal::kBulkMemory:
      return "bulk-memory";
    case Proposal::kReferenceTypes:
      return "reference-types";
    case Proposal::kSimd:
      return "simd";
    case Proposal::kRelaxedSimd:
      return "relaxed-simd";
    case Proposal::kTailCall:
      return "tail-call";
    case Proposal::kExtendedConst:
      return "extended-const";
    case Proposal::kThreads:
      return "threads";
    case Proposal::kSharedEverythingThreads:
      return "shared-everything-threads";
    case Proposal::kMemory64:
      return "memory64";
    case Proposal::kMultiMemory:
      return "multi-memory";
    case Proposal::kExceptions:
      return "exceptions";
    case Proposal::kLegacyExceptions:
      return "legacy-exceptions";
    case Proposal::kGc:
      return "gc";
    case Proposal::kFunctionReferences:
      return "function-references";
    case Proposal::kStackSwitching:
      return "stack-switching";
    case Proposal::kCustomPageSizes:
      return "custom-page-sizes";
    case Proposal::kWideArithmetic:
      return "wide-arithmetic";
    case Proposal::kMemoryControl:
      return "memory-control";
    case Proposal::kCustomDescriptors:
      return "custom-descriptors";
    case Proposal::kCompactImports:
      return "compact-imports";
    case Proposal::kComponentModel:
      return "component-model";
  }
  return "unknown";
}

std::string refusal_sentence(const Refusal& refusal) {
  return "the module uses " + std::string(proposal_name(refusal.proposal)) + " (" + refusal.where +
         "), which no sandbox offers";
}

void FeatureLog::note_first(Proposal proposal, std::uint64_t offset, std::string_view what) {
  findings_.used.add(proposal);
  if (is_offered(proposal)) return;
  std::string where(what);
  if (!what.empty()) where += " in ";
  where += std::string(place_.kind) + " ";
  if (place_.kind == std::string_view("import")) {
    where += shorten(place_.module) + "." + shorten(place_.name);
  } else {
    where += std::to_string(place_.index);
  }
  findings_.refusals.push_back({proposal, std::move(where), offset, place_.function});
}

std::string shorten(std::string_view name) {
  constexpr std::size_t kMaxBytes = 80;
  if (name.size() <= kMaxBytes) return std::string(name);
  return std::string(name.substr(0, kMaxBytes)) + "...";
}

}  // namespace mimobox::wasm
