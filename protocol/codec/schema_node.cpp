#include "codec/schema_node.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <regex>

namespace vitrine::codec {
namespace {

// Hashes stand in documents by the thousand, and a regular expression takes a microsecond for each.
std::optional<std::size_t> hex_digits_of(const std::string& pattern) {
  static const std::regex kHex(R"(\^\[0-9a-f\]\{([0-9]{1,3})\}\$)");
  std::smatch found;
  if (!std::regex_match(pattern, found, kHex)) return std::nullopt;
  return std::stoul(found[1]);
}

std::function<bool(const std::string&)> matcher_of(const std::string& pattern) {
  if (const auto digits = hex_digits_of(pattern)) {
    return [digits = *digits](const std::string& text) {
      return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
             });
    };
  }
  return [expression = std::regex(pattern, std::regex::optimize)](const std::string& text) {
    return std::regex_match(text, expression);
  };
}

// The schemas are compiled in, so this is a defect of ours and never an input's.
[[noreturn]] void defect(const std::string& what) {
  std::fprintf(stderr, "protocol/schema: %s\n", what.c_str());
  std::abort();
}

std::int64_t integer_of(const Json& value) {
  return value.integer() ? *value.integer() : (defect("an integer expected"), 0);
}
std::size_t size_of(const Json& value) {
  return static_cast<std::size_t>(integer_of(value));
}
const std::string& text_of(const Json& value) {
  if (!value.text()) defect("a string expected");
  return *value.text();
}
const Json::Array& array_of(const Json& value) {
  if (!value.array()) defect("a list expected");
  return *value.array();
}
const Json::Object& object_of(const Json& value) {
  if (!value.object()) defect("an object expected");
  return *value.object();
}

SchemaNode::Type type_of(const std::string& word) {
  using enum SchemaNode::Type;
  static const std::map<std::string, SchemaNode::Type> types = {{"object", object},
                                                                {"array", array},
                                                                {"string", string},
                                                                {"integer", integer},
                                                                {"boolean", boolean}};
  const auto found = types.find(word);
  if (found == types.end()) defect("type " + word + " is not known here");
  return found->second;
}

std::vector<std::string> texts_of(const Json& value) {
  std::vector<std::string> texts;
  for (const Json& item : array_of(value)) texts.push_back(text_of(item));
  return texts;
}

class Maker {
 public:
  Maker(const Json& schema, const Json& common) : schema_(schema), common_(common) {}

  SchemaNode::Pointer make(const Json& from, bool in_common) {
    if (const Json* reference = from.find("$ref")) return referred(text_of(*reference), in_common);
    auto node = std::make_shared<SchemaNode>();
    for (const auto& [word, value] : object_of(from)) {
      if (!value_keyword(*node, word, value) && !nested_keyword(*node, word, value, in_common)) {
        defect("keyword " + word + " is not known here");
      }
    }
    return node;
  }

 private:
  static bool value_keyword(SchemaNode& node, const std::string& word, const Json& value) {
    if (word == "type") {
      node.type = type_of(text_of(value));
    } else if (word == "enum") {
      node.words = texts_of(value);
    } else if (word == "minimum") {
      node.minimum = integer_of(value);
    } else if (word == "maximum") {
      node.maximum = integer_of(value);
    } else if (word == "minLength") {
      node.length.least = size_of(value);
    } else if (word == "maxLength") {
      node.length.most = size_of(value);
    } else if (word == "pattern") {
      node.pattern_text = text_of(value);
      // Draft 7 lets a pattern match anywhere. All of ours are of the whole string, and a match of
      // the whole stops at the first character that cannot belong to it.
      if (!node.pattern_text.starts_with('^') || !node.pattern_text.ends_with('$')) {
        defect("pattern " + node.pattern_text + " is not of the whole string");
      }
      node.matches = matcher_of(node.pattern_text);
    } else if (word == "minItems") {
      node.count.least = size_of(value);
    } else if (word == "maxItems") {
      node.count.most = size_of(value);
    } else if (word == "uniqueItems") {
      node.unique = *value.boolean();
    } else if (word == "maxProperties") {
      node.most_members = size_of(value);
    } else if (word == "required") {
      node.required = texts_of(value);
    } else {
      return false;
    }
    return true;
  }

  bool nested_keyword(SchemaNode& node, const std::string& word, const Json& value,
                      bool in_common) {
    if (word == "properties") {
      for (const auto& [name, member] : object_of(value)) {
        node.members.emplace(name, make(member, in_common));
      }
    } else if (word == "additionalProperties") {
      node.closed = value.boolean() && !*value.boolean();
      if (value.object()) node.other = make(value, in_common);
    } else if (word == "items") {
      node.items = make(value, in_common);
    } else {
      return word == "$schema" || word == "title" || word == "definitions";
    }
    return true;
  }

  // Each definition is made once, whoever refers to it.
  SchemaNode::Pointer referred(std::string_view reference, bool in_common) {
    constexpr std::string_view kCommon = "common.json";
    constexpr std::string_view kDefinitions = "#/definitions/";
    if (reference.starts_with(kCommon)) {
      reference.remove_prefix(kCommon.size());
      in_common = true;
    }
    if (!reference.starts_with(kDefinitions)) defect("reference " + std::string(reference));
    const std::string name(reference.substr(kDefinitions.size()));
    auto& made = made_[in_common ? 1 : 0];
    if (const auto found = made.find(name); found != made.end()) return found->second;
    const Json* definitions = (in_common ? common_ : schema_).find("definitions");
    const Json* definition = definitions ? definitions->find(name) : nullptr;
    if (!definition) defect("definition " + name + " is missing");
    return made[name] = make(*definition, in_common);
  }

  const Json& schema_;
  const Json& common_;
  std::array<std::map<std::string, SchemaNode::Pointer>, 2> made_;
};

}  // namespace

SchemaNode::Pointer make_schema(const Json& schema, const Json& common) {
  return Maker(schema, common).make(schema, false);
}

}  // namespace vitrine::codec
