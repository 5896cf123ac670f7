// Where the daemons meet (docs/contracts.md, "Files on the device"). One writer a file, named in
// the comment.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "platform/file.hpp"
#include "state/log_file.hpp"

namespace vitrine {

struct StatePaths {
  fs::path root = "/var/lib/vitrine";
  fs::path run = "/run/vitrine";

  fs::path device_config() const { return root / "identity/device.toml"; }      // enrol
  fs::path root_key() const { return root / "identity/root.pub"; }              // enrol
  fs::path device_settings() const { return root / "identity/settings.toml"; }  // setup
  // A stick's bundle until the first link (operator/stick.hpp): root's alone. Beside it, for all to
  // read, the name this screen will have.
  fs::path pending_bundle() const { return root / "identity/pending/bundle"; }     // enrol
  fs::path pending_authority() const { return root / "identity/pending/ca.pem"; }  // enrol
  fs::path awaited() const { return root / "identity/awaited"; }                   // enrol
  fs::path proof_key() const { return root / "identity/player/proof.key"; }  // enrol; player only
  fs::path qr_key() const { return root / "identity/player/qr.key"; }        // enrol; player only
  fs::path tls_key() const { return root / "telemetry/tls/key.pem"; }        // telemetry
  fs::path tls_certificate() const { return root / "telemetry/tls/cert.pem"; }  // telemetry
  fs::path tls_authority() const { return root / "telemetry/tls/ca.pem"; }      // telemetry
  // Beside the three above: the pair that will take their place (state/tls_identity.hpp).
  fs::path tls_next() const { return root / "telemetry/tls.new"; }           // telemetry
  fs::path offered() const { return root / "telemetry/offered"; }            // telemetry
  fs::path trust() const { return root / "telemetry/offered/trust"; }        // telemetry
  fs::path takeover() const { return root / "telemetry/offered/takeover"; }  // telemetry
  fs::path content() const { return root / "telemetry/content"; }            // telemetry
  fs::path content_uses() const { return root / "telemetry/content_uses"; }  // telemetry
  fs::path metered() const { return root / "telemetry/metered"; }            // telemetry
  fs::path rehashed() const { return run / "telemetry/rehashed"; }           // telemetry
  fs::path bodies() const { return root / "telemetry/bodies"; }              // telemetry
  fs::path outbox() const { return root / "telemetry/outbox.db"; }           // telemetry
  fs::path telemetry_floors() const { return root / "telemetry/floors"; }    // telemetry
  fs::path saved_time() const { return root / "telemetry/saved_time"; }      // telemetry
  fs::path verdicts() const { return root / "vet"; }                         // vet
  fs::path plays() const { return root / "player/plays.db"; }                // player
  fs::path active() const { return root / "player/active"; }                 // player
  fs::path display() const { return root / "player/display"; }               // player
  fs::path ladder() const { return root / "player/ladder"; }                 // player
  fs::path floors() const { return root / "player/floors"; }                 // player
  fs::path quarantine() const { return root / "player/quarantine"; }         // player
  fs::path exposure() const { return root / "audience/exposure.db"; }        // audience
  fs::path clock() const { return run / "telemetry/clock"; }                 // telemetry
  fs::path status() const { return run / "telemetry/status"; }               // telemetry
  fs::path metrics() const { return run / "telemetry/metrics.sock"; }        // telemetry
  fs::path player_live() const { return run / "player/live"; }               // player
  fs::path ladder_of_boot() const { return run / "player/ladder"; }          // player
  fs::path reboot_wanted() const { return run / "player/reboot-wanted"; }    // player
  fs::path open_play() const { return run / "player/open"; }                 // player
  fs::path audience_live() const { return run / "audience/live"; }           // audience
  fs::path commands() const { return run / "telemetry/commands"; }           // telemetry
  fs::path replies() const { return run / "player/replies"; }                // player

  // What people at the screen do with its camera: vitrine-camera-setup and `vitrine camera`.
  fs::path camera_settings() const { return root / "camera/settings.toml"; }
  fs::path camera_audits() const { return root / "camera/audits"; }
  fs::path field_notes() const { return root / "camera/notes"; }
  fs::path camera_held() const { return run / "camera/held"; }
  fs::path notes_sent() const { return root / "telemetry/notes_sent"; }  // telemetry

  // How the software is exchanged (docs/updates.md): asked for by the player, done by root.
  fs::path update_wanted() const { return run / "player/update-wanted"; }  // player
  fs::path update_state() const { return root / "update/state"; }          // vitrine-update
  fs::path update_told() const { return root / "telemetry/update_told"; }  // telemetry

  // The databases with what of them is on tmpfs.
  LogPlace plays_log() const { return {plays(), run / "player/plays.db"}; }             // player
  LogPlace exposure_log() const { return {exposure(), run / "audience/exposure.db"}; }  // audience
  LogPlace outbox_log() const { return {outbox(), run / "telemetry/outbox.db"}; }       // telemetry
};

// Every directory above, for the demo, tests and packages; real devices get theirs from tmpfiles.d
// with owners.
Status make_state_directories(const StatePaths& paths);

// identity/device.toml: who this screen is and where its backend lives.
struct DeviceIdentity {
  std::string screen;
  std::uint32_t area = 0;
  std::string zone = "Etc/UTC";
  std::vector<std::string> groups;
  std::string mqtt_host;
  int mqtt_port = 8883;
  std::string enrol_url;  // where the certificate is renewed; empty: nowhere
};
Result<DeviceIdentity> read_device_identity(const StatePaths& paths);
std::string write_device_identity(const DeviceIdentity& identity);  // TOML text

}  // namespace vitrine
