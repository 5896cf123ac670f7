// Fetches one file by FetchWorker, so that a test can kill whoever does it.
//   fetch-one STORE CA ORIGIN PATH SHA256 SIZE
#include <poll.h>

#include <cstdio>
#include <cstdlib>

#include "fetch.hpp"

using namespace vitrine;

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  FetchWorker worker(argv[1], argv[2]);
  worker.want({*hash_from_hex(argv[5]), std::strtoull(argv[6], nullptr, 10), argv[4], {argv[3]}});
  for (;;) {
    pollfd wake{worker.wake_fd(), POLLIN, 0};
    ::poll(&wake, 1, 1000);
    for (const ContentOutcome& outcome : worker.finished()) {
      if (outcome.status) return 0;
      std::printf("%s\n", outcome.status.error().message.c_str());
      return 1;
    }
  }
}
