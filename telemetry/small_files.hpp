// Files of /proc and /sys: a few words of text, read whole. Whatever is absent, unreadable or not
// what it should be is nullopt or empty, never a zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/file.hpp"

namespace vitrine {

std::optional<std::int64_t> number_of(const std::string& text, int base = 10);
// The first word of the file as a number; "0x" may stand before base 16.
std::optional<std::int64_t> read_number(const fs::path& path, int base = 10);
// The words of each line; empty when the file cannot be read.
std::vector<std::vector<std::string>> read_words(const fs::path& path);

}  // namespace vitrine
