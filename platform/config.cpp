#include "platform/config.hpp"

// Exceptions stay inside this file: parse errors come back as a value.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <functional>

namespace vitrine {

Result<Config> Config::read(const fs::path& path) {
  auto text = read_text(path, 1024 * 1024);
  if (!text) return std::move(text).error();
  return parse(*text, path.string());
}

Result<Config> Config::parse(const std::string& text, const std::string& named) {
  const toml::parse_result parsed = toml::parse(text, named);
  if (!parsed) {
    const auto& where = parsed.error().source().begin;
    return fail(ErrorCode::invalid, named + ":" + std::to_string(where.line) + ":" +
                                        std::to_string(where.column) + ": " +
                                        std::string(parsed.error().description()));
  }
  Config config;
  config.named_ = named;
  const std::function<void(const toml::table&, const std::string&)> walk =
      [&](const toml::table& table, const std::string& prefix) {
        for (const auto& [name, node] : table) {
          const std::string key = prefix + std::string(name.str());
          if (const auto* inner = node.as_table()) {
            walk(*inner, key + ".");
          } else if (const auto* string = node.as_string()) {
            config.texts_[key] = string->get();
          } else if (const auto* integer = node.as_integer()) {
            config.integers_[key] = integer->get();
          } else if (const auto* boolean = node.as_boolean()) {
            config.integers_[key] = boolean->get() ? 1 : 0;
          } else if (const auto* list = node.as_array()) {
            auto& values = config.lists_[key];
            for (const auto& item : *list) values.push_back(item.value_or(std::string()));
            if (list->is_homogeneous(toml::node_type::integer)) {
              auto& integers = config.integer_lists_[key];
              for (const auto& item : *list) integers.push_back(item.value_or(std::int64_t{0}));
            }
          }
        }
      };
  walk(parsed.table(), "");
  return config;
}

Result<std::string> Config::text(const std::string& key) const {
  const auto found = texts_.find(key);
  if (found == texts_.end())
    return fail(ErrorCode::invalid, named_ + ": text '" + key + "' is missing");
  return found->second;
}

Result<std::int64_t> Config::integer(const std::string& key) const {
  const auto found = integers_.find(key);
  if (found == integers_.end()) {
    return fail(ErrorCode::invalid, named_ + ": number '" + key + "' is missing");
  }
  return found->second;
}

Result<std::vector<std::string>> Config::texts(const std::string& key) const {
  const auto found = lists_.find(key);
  if (found == lists_.end())
    return fail(ErrorCode::invalid, named_ + ": list '" + key + "' is missing");
  return found->second;
}

Result<std::vector<std::int64_t>> Config::integers(const std::string& key) const {
  const auto found = integer_lists_.find(key);
  if (found == integer_lists_.end())
    return fail(ErrorCode::invalid, named_ + ": list of numbers '" + key + "' is missing");
  return found->second;
}

std::string Config::text_or(const std::string& key, const std::string& otherwise) const {
  const auto found = texts_.find(key);
  return found == texts_.end() ? otherwise : found->second;
}

fs::path Config::path_or(const std::string& key, const std::string& otherwise) const {
  const std::string path = text_or(key, otherwise);
  return path.empty() ? fs::path() : fs::path(named_).parent_path() / path;
}

std::int64_t Config::integer_or(const std::string& key, std::int64_t otherwise) const {
  const auto found = integers_.find(key);
  return found == integers_.end() ? otherwise : found->second;
}

}  // namespace vitrine
