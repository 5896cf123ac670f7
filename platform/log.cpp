#include "platform/log.hpp"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace vitrine {
namespace {

spdlog::level::level_enum severity_of(LogLevel level) {
  return level == LogLevel::info   ? spdlog::level::info
         : level == LogLevel::warn ? spdlog::level::warn
                                   : spdlog::level::err;
}

}  // namespace

namespace {

constexpr std::size_t kRecentLines = 400;

// Belongs to the logger that log_start made.
std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> recent_sink() {
  for (const auto& sink : spdlog::default_logger_raw()->sinks()) {
    if (auto ring = std::dynamic_pointer_cast<spdlog::sinks::ringbuffer_sink_mt>(sink)) return ring;
  }
  return nullptr;
}

}  // namespace

void log_start(std::string_view process) {
  auto logger = spdlog::stderr_logger_mt(std::string(process));
  logger->sinks().push_back(std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(kRecentLines));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
  spdlog::set_default_logger(std::move(logger));
}

void log_least(LogLevel level) {
  spdlog::default_logger_raw()->set_level(severity_of(level));
}

void log_line(LogLevel level, std::string_view line) {
  spdlog::default_logger_raw()->log(severity_of(level),
                                    spdlog::string_view_t(line.data(), line.size()));
}

std::vector<std::string> recent_log_lines() {
  const auto sink = recent_sink();
  if (!sink) return {};
  auto lines = sink->last_formatted();
  for (std::string& line : lines) {
    while (!line.empty() && line.back() == '\n') line.pop_back();
  }
  return lines;
}

}  // namespace vitrine
