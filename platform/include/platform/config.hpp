// Unsigned local configuration in TOML (device.toml and the daemons' own files): flat tables of
// strings, integers, booleans and lists of strings or of integers. Everything that decides what is
// shown or paid comes in signed documents instead.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/file.hpp"

namespace vitrine {

class Config {
 public:
  // A syntax error names file, line and column.
  static Result<Config> read(const fs::path& path);
  static Result<Config> parse(const std::string& text, const std::string& named);

  // `key` is dotted: "mqtt.host". The wrong type and a missing key are errors that name file and
  // key.
  Result<std::string> text(const std::string& key) const;
  // text() into what it is for; an error where it is missing.
  template <class Text>
  Status need(const std::string& key, Text& into) const {
    auto value = text(key);
    if (!value) return std::move(value).error();
    into = *std::move(value);
    return ok();
  }
  Result<std::int64_t> integer(const std::string& key) const;
  Result<std::vector<std::string>> texts(const std::string& key) const;
  Result<std::vector<std::int64_t>> integers(const std::string& key) const;
  std::string text_or(const std::string& key, const std::string& otherwise) const;
  // A path, from where this file lies unless it begins with a slash; empty stays empty.
  fs::path path_or(const std::string& key, const std::string& otherwise) const;
  std::int64_t integer_or(const std::string& key, std::int64_t otherwise) const;

 private:
  std::string named_;
  std::map<std::string, std::string> texts_;
  std::map<std::string, std::int64_t> integers_;
  std::map<std::string, std::vector<std::string>> lists_;
  std::map<std::string, std::vector<std::int64_t>> integer_lists_;
};

}  // namespace vitrine
