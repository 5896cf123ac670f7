#include "protocol/json.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "codec/one_line.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kDeepest = 32;

// Builds the tree from the parser's events: the parser's own tree keeps the last of two equal names
// and says nothing.
class Builder {
 public:
  using Number = nlohmann::json;

  bool null() { return put(Json()); }
  bool boolean(bool value) { return put(Json(value)); }
  bool number_integer(std::int64_t value) { return put(Json(value)); }
  bool number_unsigned(std::uint64_t value) {
    return value <= INT64_MAX ? put(Json(static_cast<std::int64_t>(value)))
                              : put(Json(static_cast<double>(value)));
  }
  bool number_float(double value, const std::string&) { return put(Json(value)); }
  bool string(std::string& value) { return put(Json(std::move(value))); }
  bool binary(nlohmann::json::binary_t&) { return refuse("binary value"); }
  bool start_object(std::size_t) { return open(Json(Json::Object())); }
  bool start_array(std::size_t) { return open(Json(Json::Array())); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    names_.back() = std::move(name);
    return !open_.back().find(names_.back()) || refuse("this name stands twice in its object");
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ...; last read: '...'" ->
    // from "line" on, without what was read: that may be the whole text. A number that no double
    // holds has no line, and is shown whole.
    const std::string_view what = error.what();
    const auto from = what.find("line ");
    if (from == std::string_view::npos) {
      return refuse("byte " + std::to_string(position) + ": a number beyond all bounds");
    }
    return refuse(std::string(what.substr(from, what.find("; last read") - from)));
  }

  Json root;
  std::string denied;

 private:
  bool refuse(std::string why) {
    if (denied.empty()) denied = "not JSON: " + pointer() + why;
    return false;
  }
  // Where the parser stands, "/campaigns/0: "; the beginning of it when it is long.
  std::string pointer() const {
    constexpr std::size_t kMost = 300;
    std::string text;
    for (std::size_t i = 0; i < open_.size() && text.size() < kMost; ++i) {
      if (const auto* array = open_[i].array()) {
        text += codec::pointer_step(array->size());
      } else if (!names_[i].empty()) {
        text += codec::pointer_step(names_[i]);
      }
    }
    return text.empty() ? text : text + (text.size() < kMost ? ": " : "...: ");
  }
  bool open(Json value) {
    if (open_.size() == kDeepest) return refuse("nested deeper than " + std::to_string(kDeepest));
    open_.push_back(std::move(value));
    names_.emplace_back();
    return true;
  }
  bool close() {
    Json value = std::move(open_.back());
    open_.pop_back();
    names_.pop_back();
    return put(std::move(value));
  }
  bool put(Json value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (auto* array = open_.back().array()) {
      array->push_back(std::move(value));
    } else {
      open_.back().object()->emplace(names_.back(), std::move(value));
    }
    return true;
  }

  std::vector<Json> open_;
  std::vector<std::string> names_;  // of the member about to come, for each open value
};

nlohmann::json to_library(const Json& value) {
  if (const auto* boolean = value.boolean()) return *boolean;
  if (const auto* integer = value.integer()) return *integer;
  if (const auto* real = value.real()) return *real;
  if (const auto* text = value.text()) return *text;
  if (const auto* array = value.array()) {
    auto out = nlohmann::json::array();
    for (const auto& item : *array) out.push_back(to_library(item));
    return out;
  }
  if (const auto* object = value.object()) {
    auto out = nlohmann::json::object();
    for (const auto& [name, member] : *object) out[name] = to_library(member);
    return out;
  }
  return nullptr;
}

}  // namespace

const Json* Json::find(std::string_view name) const {
  const auto* members = object();
  if (!members) return nullptr;
  const auto found = members->find(name);
  return found == members->end() ? nullptr : &found->second;
}

Json* Json::find(std::string_view name) {
  return const_cast<Json*>(std::as_const(*this).find(name));
}

Result<Json> parse_json(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text, &builder)) {
    return fail(ErrorCode::invalid, builder.denied);
  }
  return std::move(builder.root);
}

std::string write_json(const Json& value) {
  return to_library(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace vitrine
