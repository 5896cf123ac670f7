// The JSON Schemas (draft 7) of protocol/schema/, compiled in.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "protocol/json.hpp"

namespace vitrine {

struct SchemaText {
  std::string_view name;  // "schedule"
  std::string_view json;
};
extern const SchemaText kSchemaTexts[];
extern const std::size_t kSchemaTextCount;

// Parses `text` and checks it against the schema of that name. The error names the document, the
// JSON pointer, the rule and what was found, in one line below 1000 bytes. A text of more than
// `most` bytes is `exhausted` before anything of it is parsed. Thread-safe.
Result<Json> parse_by_schema(std::string_view name, std::string_view text, std::size_t most);

}  // namespace vitrine
