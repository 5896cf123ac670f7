#include "online/json_line.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vitrine::online {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

// Takes the parser's events; anything but one object of plain values ends it.
class FlatObject {
 public:
  bool null() { return put(""); }
  bool boolean(bool value) { return put(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return put(std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) { return put(std::to_string(value)); }
  bool number_float(double, const std::string& digits) { return put(digits); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return !std::exchange(open_, true); }
  bool end_object() { return true; }
  bool start_array(std::size_t) { return false; }
  bool end_array() { return false; }
  bool key(std::string& name) {
    if (std::ranges::any_of(members_, [&](const auto& one) { return one.first == name; }))
      return false;
    members_.emplace_back(std::move(name), "");
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) {
    return false;
  }
  Members take() { return std::move(members_); }

 private:
  bool put(std::string value) {
    if (!open_) return false;
    members_.back().second = std::move(value);
    return true;
  }
  Members members_;
  bool open_ = false;
};

}  // namespace

Result<Members> read_json_line(std::string_view line) {
  FlatObject object;
  if (!nlohmann::json::sax_parse(line.begin(), line.end(), &object))
    return fail(ErrorCode::invalid, "no flat JSON object");
  return object.take();
}

}  // namespace vitrine::online
