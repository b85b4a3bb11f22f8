#ifndef MIMOBOX_WASM_PROPOSALS_H_
#define MIMOBOX_WASM_PROPOSALS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mimobox::wasm {

/// The additions to WebAssembly's first version that a module can show.
enum class Proposal : std::uint8_t {
  kMvp,  ///< the first version itself
  // What the engine has switched on (src/engine/engine.cc).
  kMutableGlobals,
  kSignExtension,
  kSaturatingFloatToInt,
  kMultiValue,
  kBulkMemory,
  kReferenceTypes,
  kSimd,
  kRelaxedSimd,
  kTailCall,
  kExtendedConst,
  // What no sandbox offers.
  kThreads,
  kSharedEverythingThreads,
  kMemory64,
  kMultiMemory,
  kExceptions,
  kLegacyExceptions,
  kGc,  ///< externref too: the engine has no collector, and that needs one
  kFunctionReferences,
  kStackSwitching,
  kCustomPageSizes,
  kWideArithmetic,
  kMemoryControl,
  kCustomDescriptors,
  kCompactImports,
  kComponentModel,
};
inline constexpr Proposal kLastProposal = Proposal::kComponentModel;

/// The proposal's name as its authors spell it ("multi-memory"). A static string.
[[nodiscard]] std::string_view proposal_name(Proposal proposal);

/// Whether the engine has it switched on.
[[nodiscard]] constexpr bool is_offered(Proposal proposal) {
  return proposal <= Proposal::kExtendedConst;
}

/// A set of proposals.
class ProposalSet {
 public:
  void add(Proposal proposal) { bits_ |= bit(proposal); }
  [[nodiscard]] bool has(Proposal proposal) const { return (bits_ & bit(proposal)) != 0; }

  friend bool operator==(const ProposalSet&, const ProposalSet&) = default;

 private:
  static constexpr std::uint32_t bit(Proposal proposal) {
    return std::uint32_t{1} << std::to_underlying(proposal);
  }
  std::uint32_t bits_ = 0;
};
static_assert(std::to_underlying(kLastProposal) < 32);

/// A proposal that the module uses and that no sandbox offers; the first place where it shows.
struct Refusal {
  Proposal proposal = Proposal::kMvp;
  /// "shared memory in import env.memory". It may hold names that the module chose, shortened:
  /// escape it before it reaches a terminal.
  std::string where;
  /// From the module's first byte.
  std::uint64_t offset = 0;
  /// Set when it shows in a function's body or locals.
  std::optional<std::uint32_t> function = {};

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// "the module uses threads (shared memory in import env.memory), which no sandbox offers".
[[nodiscard]] std::string refusal_sentence(const Refusal& refusal);

/// What a module uses, collected while it is read.
struct Findings {
  ProposalSet used;
  std::vector<Refusal> refusals;  ///< one per proposal that is not offered, in the order of finding

  friend bool operator==(const Findings&, const Findings&) = default;
};

/// Writes into `Findings` what the reader comes across. It knows which item of the module is being
/// read, and makes text of that only for what has to be refused.
class FeatureLog {
 public:
  explicit FeatureLog(Findings& findings) : findings_(findings) {}

  /// From here on the item with this number is read. `kind` is a static string ("type", "memory").
  void enter(const char* kind, std::uint64_t index) { place_ = {.kind = kind, .index = index}; }
  /// The same for an import; the names are borrowed until the next call.
  void enter_import(std::string_view module, std::string_view name) {
    place_ = {.kind = "import", .module = module, .name = name};
  }
  void enter_function(std::uint32_t index) {
    place_ = {.kind = "function", .index = index, .function = index};
  }

  /// The item uses `proposal`; `what` says by what ("shared memory"); empty when by
  /// being there.
  void note(Proposal proposal, std::uint64_t offset, std::string_view what) {
    if (!findings_.used.has(proposal)) note_first(proposal, offset, what);
  }

 private:
  struct Place {
    const char* kind = "";
    std::uint64_t index = 0;
    std::string_view module = {};
    std::string_view name = {};
    std::optional<std::uint32_t> function = {};
  };

  void note_first(Proposal proposal, std::uint64_t offset, std::string_view what);

  Findings& findings_;
  Place place_;
};

/// A name of the module as it goes into sentences: at most 80 bytes of it.
[[nodiscard]] std::string shorten(std::string_view name);

}  // namespace mimobox::wasm

#endif  // MIMOBOX_WASM_PROPOSALS_H_
