#include "state/board.hpp"

#include <algorithm>
#include <iterator>

#include "platform/crypto.hpp"

namespace vitrine {
namespace {

std::string printable(const std::string& text) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept),
               [](char c) { return c > ' ' && c <= '~'; });
  return kept;
}

}  // namespace

std::string board_id(const fs::path& root) {
  if (auto serial = read_text(root / "proc/device-tree/serial-number", 256)) {
    const std::string shown = printable(*serial);
    if (shown.size() >= 4) return shown;
  }
  auto machine = read_text(root / "etc/machine-id", 256);
  if (!machine || printable(*machine).empty()) return "unknown";
  return to_hex(sha256(as_bytes("vitrine board " + printable(*machine)))).substr(0, 12);
}

}  // namespace vitrine
