#include "http/metrics_text.hpp"

#include <spdlog/fmt/fmt.h>

namespace vitrine {

void MetricsText::head(std::string_view name, std::string_view type, std::string_view help) {
  text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void MetricsText::value(std::string_view name, std::uint64_t value) {
  text_ += fmt::format("{} {}\n", name, value);
}

void MetricsText::value(std::string_view name, std::string_view label, std::string_view of,
                        std::uint64_t value) {
  text_ += fmt::format("{}{{{}=\"{}\"}} {}\n", name, label, of, value);
}

void MetricsText::counter(std::string_view name, std::string_view help, std::uint64_t count) {
  head(name, "counter", help);
  value(name, count);
}

void MetricsText::gauge(std::string_view name, std::string_view help, std::uint64_t count) {
  head(name, "gauge", help);
  value(name, count);
}

}  // namespace vitrine
