// Identities (docs/contracts.md, "Identity and time").
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace vitrine {

// Given by the operator, unique in the tenant, never reused. 0 is never a valid id: it means
// "none".
using CampaignId = std::uint32_t;
using CreativeId = std::uint32_t;
using VariantId = std::uint32_t;
using AdvertiserId = std::uint32_t;
using AreaId = std::uint32_t;

// Certificate CN = MQTT user name = client id = device. 1..64 of [a-z0-9-].
using ScreenId = std::string;
bool is_valid_name(const std::string& name);

// 64 random bits drawn when a log's file is created: a rebuilt database can never be mistaken for
// an old one.
using LogId = std::uint64_t;

struct BootId {
  std::int64_t high = 0;
  std::int64_t low = 0;
  auto operator<=>(const BootId&) const = default;
};

}  // namespace vitrine
