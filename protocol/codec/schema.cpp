#include "codec/schema.hpp"

#include <cctype>
#include <cstdlib>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "codec/words.hpp"

namespace vitrine {
namespace {

using Library = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

Library parse_schema_text(std::string_view name) {
  for (std::size_t i = 0; i < kSchemaTextCount; ++i) {
    if (kSchemaTexts[i].name == name) return Library::parse(kSchemaTexts[i].json);
  }
  std::abort();  // a name that protocol/CMakeLists.txt does not list
}

// References into common.json become local ones, its definitions joined in: nothing is ever
// fetched.
void localise(Library& node) {
  static const std::string kCommon = "common.json#";
  for (auto& [name, value] : node.items()) {
    if (value.is_structured()) {
      localise(value);
    } else if (name == "$ref" && value.get_ref<const std::string&>().starts_with(kCommon)) {
      value = value.get_ref<const std::string&>().substr(kCommon.size() - 1);
    }
  }
}

// Built at first use and kept: building costs far more than checking a document.
const valijson::Schema& schema_of(const std::string& name) {
  static std::mutex guard;
  static std::map<std::string, valijson::Schema> built;
  const std::lock_guard lock(guard);
  if (const auto found = built.find(name); found != built.end()) return found->second;
  Library text = parse_schema_text(name);
  localise(text);
  const Library common = parse_schema_text("common");
  for (const auto& [word, definition] : common["definitions"].items()) {
    text["definitions"].emplace(word, definition);
  }
  valijson::Schema& schema = built[name];
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(text), schema);
  return schema;
}

// {"<root>", "[campaigns]", "[0]"} -> "/campaigns/0"
std::string pointer_of(const std::vector<std::string>& context) {
  std::string pointer;
  for (const auto& step : context) {
    if (step.size() >= 2 && step.front() == '[') pointer += "/" + step.substr(1, step.size() - 2);
  }
  return pointer;
}

const Json& value_at(const Json& root, const std::vector<std::string>& context) {
  const Json* at = &root;
  for (const auto& step : context) {
    if (step.size() < 2 || step.front() != '[') continue;
    const auto name = step.substr(1, step.size() - 2);
    if (const auto* array = at->array()) {
      const auto index = std::strtoul(name.c_str(), nullptr, 10);
      if (index >= array->size()) return *at;
      at = &(*array)[index];
    } else if (const Json* member = at->find(name)) {
      at = member;
    } else {
      return *at;
    }
  }
  return *at;
}

// The library's sentence as the middle of ours; the commonest slip, a misspelt name, said in fewer
// words.
std::string rule_of(std::string text) {
  if (text.starts_with("Object contains a property that could not be validated")) {
    const auto quote = text.find(": '");
    if (quote != std::string::npos) text = "unknown member " + text.substr(quote + 2);
  }
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

Result<Json> parse_by_schema(std::string_view name, std::string_view text) {
  auto json = parse_json(text);
  if (!json) return std::move(json).error().context(name);
  const Library document = Library::parse(text);
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (!validator.validate(schema_of(std::string(name)), Adapter(document), &results)) {
    // The deepest cause comes first; the rest repeats it for each level above.
    valijson::ValidationResults::Error cause;
    results.popError(cause);
    return fail(ErrorCode::invalid,
                std::string(name) + ": " +
                    codec::denied(pointer_of(cause.context), rule_of(cause.description),
                                  value_at(*json, cause.context)));
  }
  return json;
}

}  // namespace vitrine
