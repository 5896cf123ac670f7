// Reading the flat JSON objects of enrolment: each member by its name and kind, all of them
// required, none unknown.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/one_line.hpp"
#include "protocol/enrolment.hpp"
#include "protocol/json.hpp"

namespace vitrine::codec {

// Takes the members of one object and keeps the first complaint; what nobody took is unknown.
class Members {
 public:
  Members(std::string_view json, std::string_view what) : what_(what) {
    if (json.size() > kMostEnrolmentBytes) {
      problem_ =
          fail(ErrorCode::exhausted, "more than " + std::to_string(kMostEnrolmentBytes) + " bytes");
      return;
    }
    auto parsed = parse_json(json);
    if (!parsed) {
      problem_ = parsed.error();
    } else if (parsed->object() == nullptr) {
      problem_ = fail(ErrorCode::invalid, "no JSON object");
    } else {
      json_ = *std::move(parsed);
    }
  }

  Members& text(std::string_view name, std::string& into) {
    if (const Json* member = take(name); member != nullptr) {
      if (const std::string* value = member->text()) {
        into = *value;
      } else {
        complain(name, "is no text");
      }
    }
    return *this;
  }
  // base64url; `size` 0 = any
  Members& bytes(std::string_view name, Bytes& into, std::size_t size = 0) {
    std::string digits;
    text(name, digits);
    if (problem_) return *this;
    auto value = from_base64url(digits);
    if (!value || (size != 0 && value->size() != size)) {
      complain(name, "is no base64url" +
                         (size != 0 ? " of " + std::to_string(size) + " bytes" : std::string()));
    } else {
      into = *std::move(value);
    }
    return *this;
  }
  Members& integer(std::string_view name, std::int64_t& into, std::int64_t least,
                   std::int64_t most) {
    if (const Json* member = take(name); member != nullptr) {
      const std::int64_t* value = member->integer();
      if (value != nullptr && *value >= least && *value <= most) {
        into = *value;
      } else {
        complain(name, "is no whole number from " + std::to_string(least) + " to " +
                           std::to_string(most));
      }
    }
    return *this;
  }
  Members& texts(std::string_view name, std::vector<std::string>& into) {
    const Json* member = take(name);
    if (member == nullptr) return *this;
    const Json::Array* list = member->array();
    if (list == nullptr) complain(name, "is no list");
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const std::string* value = (*list)[i].text();
      if (value == nullptr) {
        complain(name, "holds what is no text");
        break;
      }
      into.push_back(*value);
    }
    return *this;
  }

  template <class T>
  Result<T> done(T value) {
    if (!problem_) {
      for (const auto& [name, member] : *json_.object()) {
        if (std::find(taken_.begin(), taken_.end(), name) == taken_.end())
          return fail(ErrorCode::invalid, what_ + ": " + in_quotes(name) + " is no known member");
      }
    }
    if (problem_) return std::move(*problem_).context(what_);
    return value;
  }

 private:
  const Json* take(std::string_view name) {
    if (problem_) return nullptr;
    taken_.emplace_back(name);
    const Json* member = json_.find(name);
    if (member == nullptr) complain(name, "is missing");
    return member;
  }
  void complain(std::string_view name, const std::string& how) {
    if (!problem_) problem_ = fail(ErrorCode::invalid, "'" + std::string(name) + "' " + how);
  }

  std::string what_;
  Json json_;
  std::vector<std::string> taken_;
  std::optional<Error> problem_;
};

}  // namespace vitrine::codec
