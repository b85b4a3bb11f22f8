#include "sandbox/helper_protocol.h"

#include <string_view>
#include <utility>

#include "cache/bytes.h"

namespace mimobox::internal {
namespace {

using cache::FieldReader;
using cache::FieldWriter;

constexpr std::string_view kRequestMagic = "mimoask\1";
constexpr std::string_view kReplyMagic = "mimosay\1";
constexpr std::uint32_t kNoError = 0;
constexpr auto kLastError = std::to_underlying(ErrorCode::kInternal);

std::vector<std::byte> finish(FieldWriter& fields) {
  fields.pad_to(kHelperHeaderBytes);
  return std::move(fields.bytes());
}

/// One bit a setting; the interrupt way behind them.
std::uint32_t code_bits(const engine::CodeKey& code) {
  return (code.metered ? 1U : 0U) | (code.deterministic ? 2U : 0U) |
         (code.cpu == engine::Cpu::kBaseline ? 4U : 0U) |
         (std::uint32_t{std::to_underlying(code.interrupt)} << 8U);
}

engine::CodeKey code_of(std::uint32_t bits) {
  return {.metered = (bits & 1U) != 0,
          .deterministic = (bits & 2U) != 0,
          .interrupt = static_cast<engine::InterruptWay>((bits >> 8U) & 0xFFU),
          .cpu = (bits & 4U) != 0 ? engine::Cpu::kBaseline : engine::Cpu::kNative};
}

}  // namespace

std::vector<std::byte> encode(const HelperRequest& request) {
  FieldWriter fields;
  fields.add(kRequestMagic);
  fields.add(std::to_underlying(request.task));
  fields.add(code_bits(request.code));
  fields.add(request.memory_bytes);
  fields.add(request.cpu_seconds);
  fields.add(request.reply_bytes);
  fields.add(request.parent);
  return finish(fields);
}

std::vector<std::byte> encode(const HelperReply& reply) {
  FieldWriter fields;
  fields.add(kReplyMagic);
  fields.add(reply.error ? std::uint32_t{std::to_underlying(*reply.error)} + 1 : kNoError);
  fields.add(reply.settings);
  return finish(fields);
}

std::optional<HelperRequest> decode_request(std::span<const std::byte> header) {
  FieldReader fields(header);
  if (header.size() < kHelperHeaderBytes || !fields.has(kRequestMagic)) return std::nullopt;
  HelperRequest request;
  request.task = static_cast<HelperTask>(fields.number<std::uint32_t>());
  request.code = code_of(fields.number<std::uint32_t>());
  request.memory_bytes = fields.number<std::uint64_t>();
  request.cpu_seconds = fields.number<std::uint64_t>();
  request.reply_bytes = fields.number<std::uint64_t>();
  request.parent = fields.number<std::uint32_t>();
  if (request.task != HelperTask::kCompile && request.task != HelperTask::kConvert) {
    return std::nullopt;
  }
  return request;
}

std::optional<HelperReply> decode_reply(std::span<const std::byte> header) {
  FieldReader fields(header);
  if (header.size() < kHelperHeaderBytes || !fields.has(kReplyMagic)) return std::nullopt;
  HelperReply reply;
  const auto error = fields.number<std::uint32_t>();
  if (error > kLastError + 1U) return std::nullopt;
  if (error != kNoError) reply.error = static_cast<ErrorCode>(error - 1);
  reply.settings = fields.digest();
  return reply;
}

}  // namespace mimobox::internal
