// The page of figures that Prometheus and its like read: its text format 0.0.4. Names and labels
// are the caller's own words; nothing from outside may become one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vitrine {

class MetricsText {
 public:
  // What follows is of this name; `type` is counter or gauge.
  void head(std::string_view name, std::string_view type, std::string_view help);
  void value(std::string_view name, std::uint64_t value);
  void value(std::string_view name, std::string_view label, std::string_view of,
             std::uint64_t value);
  // A figure without labels, its head included.
  void counter(std::string_view name, std::string_view help, std::uint64_t count);
  void gauge(std::string_view name, std::string_view help, std::uint64_t count);

  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace vitrine
