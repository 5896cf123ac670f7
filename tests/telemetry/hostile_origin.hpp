// An HTTPS origin that misbehaves as its paths say (hostile_origin.py), over a directory of files.
#pragma once

#include <doctest/doctest.h>

#include <sstream>

#include "broker.hpp"
#include "download.hpp"
#include "process.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {

struct HostileOrigin {
  TempDirectory temp;
  TestCa ca{temp.path()};
  int port = free_port();
  fs::path served = temp / "www";
  std::unique_ptr<Process> server;

  // Serves `film`.
  explicit HostileOrigin(const std::string& film) {
    ca.issue("127.0.0.1");
    REQUIRE(make_directories(served).ok());
    REQUIRE(write_atomic(served / "film", film, 0644).ok());
    start();
    const Download probe{address() + "/fine/film", {address()}, temp / "probe.part", film.size()};
    REQUIRE(until([&] { return download(probe, ca.ca()).ok(); }));
  }
  void start() {
    server = std::make_unique<Process>(
        std::vector<std::string>{"python3", "-B", VITRINE_HOSTILE_ORIGIN, std::to_string(port),
                                 ca.certificate("127.0.0.1"), ca.key("127.0.0.1"), served.string()},
        temp / "server.log");
  }
  std::string address() const { return "https://127.0.0.1:" + std::to_string(port); }
  // Requests for paths below /`deed`, "range if-range" each.
  std::vector<std::string> requests(const std::string& deed) const {
    std::vector<std::string> found;
    std::istringstream lines(*read_text(temp / "server.log"));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("/" + deed + "/")) found.push_back(line.substr(line.find(' ') + 1));
    }
    return found;
  }
};

}  // namespace vitrine::testing
