// One JSON Schema (draft 7) as the checker walks it: made once from the text of protocol/schema/,
// so that a document is checked without looking a keyword up again.
//
// Only the keywords that our schemas use are known. Any other ends the process at its first use: a
// rule that nobody checks must not look as if it held.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json.hpp"

namespace vitrine::codec {

struct SchemaNode {
  enum class Type { any, object, array, string, integer, boolean };
  struct Size {
    std::size_t least = 0;
    std::size_t most = std::numeric_limits<std::size_t>::max();
    bool holds(std::size_t size) const { return size >= least && size <= most; }
  };
  using Pointer = std::shared_ptr<const SchemaNode>;

  Type type = Type::any;
  std::vector<std::string> words;  // enum; empty = any
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  Size length;  // of a string, in characters
  std::string pattern_text;
  std::function<bool(const std::string&)> matches;  // the whole of a string; empty = anything does
  Size count;                                       // of items
  bool unique = false;
  Pointer items;
  std::size_t most_members = std::numeric_limits<std::size_t>::max();
  std::vector<std::string> required;
  std::map<std::string, Pointer, std::less<>> members;
  bool closed = false;  // no member beyond `members`
  Pointer other;        // what a member beyond `members` must be; none = anything
};

// `schema` holds its own definitions and may refer to those of `common` as
// common.json#/definitions/NAME.
SchemaNode::Pointer make_schema(const Json& schema, const Json& common);

}  // namespace vitrine::codec
