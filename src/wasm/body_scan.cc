#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "wasm/byte_reader.h"
#include "wasm/instruction.h"
#include "wasm/module_reader.h"
#include "wasm/module_summary.h"
#include "wasm/proposals.h"
#include "wasm/type_reader.h"

namespace mimobox::wasm {
namespace {

void scan_body(ByteReader& in, FeatureLog& log) {
  const std::uint32_t groups = in.count(2);
  for (std::uint32_t i = 0; i < groups && in.ok(); ++i) {
    in.u32();
    (void)read_value_type(in, log);
  }
  std::uint8_t last = 0;
  while (in.ok() && !in.at_end())
    last = skip_instruction(in, log);
  if (last != kEnd) in.fail("a body without an end");
}

}  // namespace

std::expected<void, ReadError> scan_bodies(std::span<const std::byte> bytes,
                                           ModuleSummary& summary) {
  if (!summary.code) return {};
  ByteReader all(bytes);
  all.skip(summary.code->offset);
  ByteReader in = all.take(summary.code->size);
  if (!all.ok()) return std::unexpected(all.error());

  FeatureLog log(summary.findings);
  std::optional<ReadError> first_error;
  const std::uint32_t bodies = in.count(2);
  for (std::uint32_t i = 0; i < bodies && in.ok(); ++i) {
    ByteReader body = in.take(in.u32());
    if (!in.ok()) break;
    log.enter_function(static_cast<std::uint32_t>(summary.counts.imported_functions + i));
    scan_body(body, log);
    if (!body.ok() && !first_error) first_error = body.error();
  }
  if (!in.ok()) return std::unexpected(in.error());
  if (first_error) return std::unexpected(*first_error);
  return {};
}

}  // namespace mimobox::wasm
