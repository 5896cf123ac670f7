#include "platform/log.hpp"

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

void log_start(std::string_view process) {
  auto logger = spdlog::stderr_logger_mt(std::string(process));
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

}  // namespace vitrine
