// A JSON value as a plain tree, so that the parser's heavy header is met in two .cpp files only.
// Integers stay integers; a number that is none, or does not fit, is kept as a double and refused
// where an integer is due.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace vitrine {

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  Json() : held_(std::monostate{}) {}
  Json(bool value) : held_(value) {}
  Json(std::int64_t value) : held_(value) {}
  Json(double value) : held_(value) {}
  Json(std::string value) : held_(std::move(value)) {}
  Json(const char* value) : held_(std::string(value)) {}
  Json(Array value) : held_(std::move(value)) {}
  Json(Object value) : held_(std::move(value)) {}

  bool is_null() const { return held_.index() == 0; }
  // nullptr when the value is of another type.
  const bool* boolean() const { return std::get_if<bool>(&held_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&held_); }
  const double* real() const { return std::get_if<double>(&held_); }
  const std::string* text() const { return std::get_if<std::string>(&held_); }
  const Array* array() const { return std::get_if<Array>(&held_); }
  const Object* object() const { return std::get_if<Object>(&held_); }
  Array* array() { return std::get_if<Array>(&held_); }
  Object* object() { return std::get_if<Object>(&held_); }

  // The member of that name; nullptr when this is no object or has none.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> held_;
};

// Refuses what could be read in two ways (a name twice in one object, bytes that are no UTF-8) and
// nesting beyond 32. The error says where in the text.
Result<Json> parse_json(std::string_view text);
// Canonical: names sorted, no spaces.
std::string write_json(const Json& value);

}  // namespace vitrine
