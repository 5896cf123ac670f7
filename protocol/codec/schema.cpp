#include "codec/schema.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>

#include "codec/one_line.hpp"
#include "codec/schema_node.hpp"
#include "codec/words.hpp"

namespace vitrine {
namespace {

using codec::in_quotes;
using codec::pointer_step;
using codec::SchemaNode;

Json schema_text(std::string_view name) {
  for (std::size_t i = 0; i < kSchemaTextCount; ++i) {
    if (kSchemaTexts[i].name != name) continue;
    if (auto json = parse_json(kSchemaTexts[i].json)) return *std::move(json);
  }
  std::abort();  // a name that protocol/CMakeLists.txt does not list, or a schema that is no JSON
}

// Made at first use and kept.
const SchemaNode& schema_of(const std::string& name) {
  static std::mutex guard;
  static std::map<std::string, SchemaNode::Pointer> made;
  const std::lock_guard lock(guard);
  auto& schema = made[name];
  if (!schema) schema = codec::make_schema(schema_text(name), schema_text("common"));
  return *schema;
}

std::string range_of(const SchemaNode::Size& size, const std::string& what) {
  if (size.most == SchemaNode::Size{}.most) {
    return "at least " + std::to_string(size.least) + " " + what;
  }
  return std::to_string(size.least) + " to " + std::to_string(size.most) + " " + what;
}

std::string one_of(const std::vector<std::string>& words) {
  std::string text = "one of";
  for (const auto& word : words) text += (&word == &words.front() ? " " : ", ") + word;
  return text;
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

// Stops at the first value that breaks its rule: what a hostile document costs does not grow with
// the number of its faults. Its path is known on the way back only, so each level adds its step.
class Check {
 public:
  bool holds(const SchemaNode& node, const Json& value) {
    if (!node.words.empty() && !is_word(node, value)) return refuse(one_of(node.words), value);
    switch (node.type) {
      case SchemaNode::Type::any:
        return true;
      case SchemaNode::Type::boolean:
        return value.boolean() || refuse("true or false", value);
      case SchemaNode::Type::integer:
        return integer(node, value);
      case SchemaNode::Type::string:
        return string(node, value);
      case SchemaNode::Type::array:
        return array(node, value);
      case SchemaNode::Type::object:
        return object(node, value);
    }
    return false;
  }

  std::string pointer;
  std::string rule;
  const Json* found = nullptr;

 private:
  bool refuse(std::string broken, const Json& value) {
    rule = std::move(broken);
    found = &value;
    return false;
  }
  template <class Name>
  bool below(const SchemaNode& node, const Json& value, const Name& name) {
    if (holds(node, value)) return true;
    pointer.insert(0, pointer_step(name));
    return false;
  }

  static bool is_word(const SchemaNode& node, const Json& value) {
    return value.text() &&
           std::find(node.words.begin(), node.words.end(), *value.text()) != node.words.end();
  }

  bool integer(const SchemaNode& node, const Json& value) {
    const auto* number = value.integer();
    if (number && *number >= node.minimum && *number <= node.maximum) return true;
    return refuse("an integer from " + std::to_string(node.minimum) + " to " +
                      std::to_string(node.maximum) + " expected",
                  value);
  }

  bool string(const SchemaNode& node, const Json& value) {
    const auto* text = value.text();
    if (!text) return refuse("a string expected", value);
    if (!node.length.holds(characters(*text))) {
      return refuse("a string of " + range_of(node.length, "characters") + " expected", value);
    }
    if (node.matches && !node.matches(*text)) {
      return refuse("a string of the form " + node.pattern_text + " expected", value);
    }
    return true;
  }

  bool array(const SchemaNode& node, const Json& value) {
    const auto* list = value.array();
    if (!list) return refuse("a list expected", value);
    if (!node.count.holds(list->size())) {
      return refuse("a list of " + range_of(node.count, "items") + " expected", value);
    }
    for (std::size_t i = 0; node.items && i < list->size(); ++i) {
      if (!below(*node.items, (*list)[i], i)) return false;
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; node.unique && list->size() > 1 && i < list->size(); ++i) {
      if (seen.insert(write_json((*list)[i])).second) continue;
      pointer = pointer_step(i);
      return refuse("each may stand once", (*list)[i]);
    }
    return true;
  }

  bool object(const SchemaNode& node, const Json& value) {
    const auto* members = value.object();
    if (!members) return refuse("an object expected", value);
    if (members->size() > node.most_members) {
      return refuse("at most " + std::to_string(node.most_members) + " members", value);
    }
    for (const auto& [name, member] : *members) {
      const auto known = node.members.find(name);
      if (known != node.members.end()) {
        if (!below(*known->second, member, name)) return false;
      } else if (node.closed) {
        return refuse("unknown member " + in_quotes(name), value);
      } else if (node.other && !below(*node.other, member, name)) {
        return false;
      }
    }
    // Last: a name that is misspelt is both unknown and missing, and the first says more.
    for (const auto& name : node.required) {
      if (!value.find(name)) return refuse("the member " + in_quotes(name) + " is missing", value);
    }
    return true;
  }
};

}  // namespace

Result<Json> parse_by_schema(std::string_view name, std::string_view text, std::size_t most) {
  if (text.size() > most) {
    return fail(ErrorCode::exhausted, std::string(name) + ": " + std::to_string(text.size()) +
                                          " bytes, at most " + std::to_string(most) +
                                          " are accepted");
  }
  auto json = parse_json(text);
  if (!json) return std::move(json).error().context(name);
  Check check;
  if (!check.holds(schema_of(std::string(name)), *json)) {
    return fail(ErrorCode::invalid,
                std::string(name) + ": " + codec::denied(check.pointer, check.rule, *check.found));
  }
  return json;
}

}  // namespace vitrine
