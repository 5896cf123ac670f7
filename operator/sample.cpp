#include "operator/sample.hpp"

#include <algorithm>
#include <cstdio>

#include "platform/config.hpp"
#include "platform/crypto.hpp"
#include "protocol/documents.hpp"

namespace vitrine::op {
namespace {

Result<Registry> registry_of(const fs::path& config) {
  auto file = Config::read(config);
  if (!file) return std::move(file).error();
  auto path = file->text("registry");
  if (!path) return std::move(path).error();
  auto text = read_text(*path);
  if (!text) return std::move(text).error();
  auto registry = read_registry(*text);
  if (!registry) return std::move(registry).error().context(*path);
  return registry;
}

}  // namespace

std::vector<ScreenId> drawn_screens(const Registry& registry, std::int64_t moment_us) {
  std::vector<std::pair<Hash256, ScreenId>> order;
  for (const RegisteredScreen& screen : registry.screens) {
    if (screen.revoked) continue;
    const std::string ticket = std::to_string(moment_us) + "|" + screen.screen;
    order.emplace_back(sha256(as_bytes(ticket)), screen.screen);
  }
  std::ranges::sort(order);
  std::vector<ScreenId> screens;
  for (auto& [ticket, screen] : order) screens.push_back(std::move(screen));
  return screens;
}

int sample(const SampleOptions& options, const Clock& clock) {
  auto registry = registry_of(options.config);
  if (!registry) {
    std::fprintf(stderr, "vitrine sample: %s\n", registry.error().message.c_str());
    return kRefused;
  }
  int asked = 0, came = 0;
  for (const ScreenId& screen : drawn_screens(*registry, clock.realtime())) {
    if (came == options.screens || asked == 2 * options.screens) break;
    CommandOptions ask;
    static_cast<BrokerOptions&>(ask) = options;
    ask.verb = name_of(CommandVerb::screenshot);
    ask.screen = screen;
    ask.key_file = options.key_file;
    ask.key_id = options.key_id;
    ask.wait_s = options.wait_s;
    ask.keep_picture = false;  // the ingest has it
    ++asked;
    if (command(ask, clock) == kDone) ++came;
  }
  std::printf("%d of %d screens sent a picture\n", came, asked);
  return came > 0 && (came == asked || came == options.screens) ? kDone : kNotConfirmed;
}

}  // namespace vitrine::op
