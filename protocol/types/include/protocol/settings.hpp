// Signed settings, trust, takeover and command documents (docs/contracts.md, "Signed documents").
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "protocol/batch.hpp"
#include "protocol/document.hpp"
#include "protocol/schedule.hpp"

namespace vitrine {

// scheme, host and port: "https://127.0.0.1:8443". Content is fetched from these only, redirects
// included.
using Origin = std::string;

// A link that is paid by the byte. Only creatives are counted and held back; documents and what
// goes up are small.
struct Metered {
  std::uint64_t bytes_day = 0;  // of a local day
  std::vector<Daypart> hours;   // when creatives may come; empty = at any hour
};

// Which version of the software a screen shall run (docs/updates.md).
struct SoftwareOrder {
  std::string version;         // of its Debian packages, as "1.4.0-1"
  std::vector<Daypart> hours;  // when it may be installed; empty = at any hour
};
// Digits first, then letters, digits and . + ~ : -, at most 64: what may be handed to the
// program that installs it, which checks the same again.
bool is_software_version(std::string_view text);

struct Settings {
  std::vector<Origin> origins;
  std::uint32_t batch_period_s = 300;
  std::uint32_t confirm_s = 60;  // playable time after which an activated generation is confirmed
  std::uint32_t vet_timeout_s = 600;  // no verdict after this long = rejected `vet-timeout`
  std::uint32_t late_limit_ms =
      3000;  // the last frame is held this long before a late item is skipped
  std::uint64_t content_quota_bytes = 4ull << 30;
  bool live = false;                      // marked live: short batches
  bool experiment = false;                // live audience is not allowed to steer
  std::vector<Daypart> display_hours;     // empty = always on
  std::optional<Metered> metered;         // absent = creatives come when they are needed
  std::optional<SoftwareOrder> software;  // absent = what is installed stays
  std::map<std::string, std::string> extra;
};

struct TrustedKey {
  std::string key_id;
  std::array<std::uint8_t, 32> public_key{};
  std::string role;                    // operator, takeover, backend, ingest
  std::vector<DocumentKind> kinds;     // what it may sign
  std::vector<std::string> audiences;  // "screen/x", "group/y" or "*"
  std::int64_t valid_from = 0;         // seconds since 1970
  std::int64_t valid_until = 0;        // 0 = open
  std::uint32_t most_screens = 0;      // above this a second signature is needed; 0 = no limit
};

struct Trust {
  std::vector<TrustedKey> keys;
  std::vector<std::string> revoked;  // key ids
  const TrustedKey* find(const std::string& key_id) const;
};

// What a person may put on glass at once, over any schedule.
struct Takeover {
  CreativeId creative = 0;
  std::vector<Creative> creatives;
  std::vector<ContentItem> content;
  std::int64_t from_utc = 0;   // seconds
  std::int64_t until_utc = 0;  // 0 = until withdrawn
  bool withdraw = false;
};

enum class CommandVerb { screenshot, identify, restart, logs, power_on, power_off, resend };
inline constexpr std::array<std::string_view, 7> kCommandVerbNames = {
    "screenshot", "identify", "restart", "logs", "power-on", "power-off", "resend"};
constexpr std::string_view name_of(CommandVerb verb) {
  return kCommandVerbNames[static_cast<std::size_t>(verb)];
}
std::optional<CommandVerb> command_verb(std::string_view name);

// Answers one birth: it names that birth's boot and nonce, so it can never be replayed.
struct Command {
  CommandVerb verb = CommandVerb::identify;
  BootId boot;
  std::uint64_t link_nonce = 0;
  Stream stream = Stream::play;  // resend only: stream, log and range
  LogId log_id = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// What became of a command, from the screen. `command` is the SHA-256 of the command as signed.
struct CommandReply {
  std::array<std::uint8_t, 32> command{};
  CommandVerb verb = CommandVerb::identify;
  bool done = false;
  std::string text;  // what was found, or why it was not done; at most kMostReplyText bytes
};
inline constexpr std::size_t kMostReplyText = 64 * 1024;

// What an operator decides about a rollout in rings, signed as a command for its audience. It is
// the backend's to obey; no screen sees it.
enum class RolloutVerb { show, resume, abort };
struct RolloutOrder {
  RolloutVerb rollout = RolloutVerb::show;
  DocumentKind kind = DocumentKind::schedule;
  std::uint64_t version = 0;
};

}  // namespace vitrine
