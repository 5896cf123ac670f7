// A real ClickHouse server on a free loopback port, with configuration and data of its own in a
// temporary directory. Needs /usr/sbin/clickhouse-server; start() says what is missing.
#pragma once

#include <memory>
#include <string>

#include "process.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {

class Clickhouse {
 public:
  struct Options {
    std::string password;          // of the user default
    std::string most_memory = "";  // bytes a query; empty: no limit
  };
  Clickhouse() : Clickhouse(Options{}) {}
  explicit Clickhouse(const Options& options);
  ~Clickhouse() { kill(); }

  void start();  // returns when it answers; throws std::runtime_error with its log otherwise
  void kill();   // SIGKILL, its data stay
  int port() const { return port_; }
  pid_t pid() const { return server_ ? server_->pid() : -1; }
  std::filesystem::path data() const { return directory_ / "data"; }
  // For open_sql_store().
  std::string address(const std::string& database = "vitrine",
                      const std::string& credentials = "") const {
    return "clickhouse:http://" + credentials + "127.0.0.1:" + std::to_string(port_) + "/" +
           database;
  }

 private:
  TempDirectory directory_;
  int port_ = 0;
  std::unique_ptr<Process> server_;
};

}  // namespace vitrine::testing
