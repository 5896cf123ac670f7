#include "clickhouse.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "broker.hpp"

namespace vitrine::testing {

Clickhouse::Clickhouse(const Options& options) {
  const std::string root = directory_.path().string();
  // It listens at no port but that of HTTP.
  port_ = free_port();
  std::ofstream(directory_ / "config.xml")
      << "<yandex><logger><level>warning</level><log>" << root << "/log</log><errorlog>" << root
      << "/errors</errorlog></logger><http_port>" << port_
      << "</http_port><listen_host>127.0.0.1</listen_host><path>" << root
      << "/data/</path><tmp_path>" << root
      << "/tmp/</tmp_path><users_config>users.xml</users_config>"
         "<default_profile>default</default_profile><default_database>default</default_database>"
         "<mark_cache_size>67108864</mark_cache_size></yandex>\n";
  const std::string limit =
      options.most_memory.empty()
          ? ""
          : "<max_memory_usage>" + options.most_memory + "</max_memory_usage>";
  std::ofstream(directory_ / "users.xml")
      << "<yandex><profiles><default>" << limit << "</default></profiles><users><default><password>"
      << options.password
      << "</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>"
         "<quota>default</quota></default></users><quotas><default/></quotas></yandex>\n";
  std::filesystem::create_directories(directory_ / "data");
  std::filesystem::create_directories(directory_ / "tmp");
  start();
}

void Clickhouse::start() {
  const std::filesystem::path output = directory_ / "output";
  server_ = std::make_unique<Process>(
      std::vector<std::string>{"clickhouse-server",
                               "--config-file=" + (directory_ / "config.xml").string()},
      output);
  if (until([&] { return port_answers(port_) || !server_->running(); }) && server_->running())
    return;
  std::ostringstream why;
  why << "clickhouse-server does not answer (is it installed? packages.txt): "
      << std::ifstream(output).rdbuf() << std::ifstream(directory_ / "errors").rdbuf();
  throw std::runtime_error(why.str());
}

void Clickhouse::kill() {
  if (!server_) return;
  server_->signal(SIGKILL);
  server_->wait();
  server_.reset();
}

}  // namespace vitrine::testing
