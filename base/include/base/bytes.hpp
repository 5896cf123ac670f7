// Raw bytes, SHA-256 values as a type, and their text forms (lower-case hex; base64url without
// padding, RFC 4648 §5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Hash256 = std::array<std::uint8_t, 32>;

// The bytes of a string; the view is valid as long as the string is.
ByteView as_bytes(std::string_view text);
std::string_view as_text(ByteView bytes);

std::string to_hex(ByteView bytes);
// nullopt unless `text` is an even number of hex digits, either case.
std::optional<Bytes> from_hex(std::string_view text);
std::optional<Hash256> hash_from_hex(std::string_view text);

std::string to_base64url(ByteView bytes);
// nullopt on any character outside the alphabet, on padding, or on an impossible length.
std::optional<Bytes> from_base64url(std::string_view text);

// Little-endian, as used by the hash chain and the spool.
void append_le64(Bytes& out, std::int64_t value);
void append_le32(Bytes& out, std::uint32_t value);
std::int64_t read_le64(const std::uint8_t* at);
std::uint32_t read_le32(const std::uint8_t* at);

}  // namespace vitrine
