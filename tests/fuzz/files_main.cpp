// A fuzz target without a fuzzer: gives it each file that is named, as libFuzzer does. So every
// compiler and sanitizer of the unit tests runs the seeds and what was found.
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz.hpp"

int main(int count, char** names) {
  for (int i = 1; i < count; ++i) {
    std::fprintf(stderr, "%s\n", names[i]);  // the last line names what broke a promise
    std::ifstream in(names[i], std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    if (!in) return 1;
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  std::fprintf(stderr, "%d inputs\n", count - 1);
  return count > 1 ? 0 : 1;
}
