// The topic tree (docs/contracts.md, "Topics"). Everything starts with vt/v1/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "protocol/batch.hpp"
#include "protocol/document.hpp"

namespace vitrine {

// vt/v1/{shard}/{device}/...
struct DeviceTopics {
  explicit DeviceTopics(const ScreenId& device);
  std::string up(Stream stream) const;           // up/play ...
  std::string up_back() const;                   // backlog of any stream
  std::string up_reply() const;                  // answers to commands
  std::string up_picture() const;                // what a screen shows, to whom asked
  std::string connection() const;                // state/conn, retained, the will
  std::string reported() const;                  // state/reported, retained
  std::string desired(DocumentKind kind) const;  // down/desired/{typ}, retained
  std::string desired_filter() const;            // down/desired/+
  std::string ack() const;                       // down/ack
  std::string command() const;                   // down/cmd
  std::string time() const;                      // down/time

 private:
  std::string root_;
};

std::string group_desired_topic(const std::string& group,
                                DocumentKind kind);  // vt/v1/g/{group}/desired/{typ}
std::string group_desired_filter(const std::string& group);
// Where a document of this audience is retained.
std::string desired_topic(const Audience& audience, DocumentKind kind);

std::string operator_push_topic(const std::string& operator_name);   // vt/v1/op/{operator}/push
std::string operator_reply_topic(const std::string& operator_name);  // vt/v1/op/{operator}/reply

// Server side: all screens of a shard, and taking a device topic apart again.
std::string shard_up_filter(std::uint32_t shard);  // vt/v1/{shard}/+/up/#
std::string shard_connections_filter(std::uint32_t shard);  // vt/v1/{shard}/+/state/conn
std::string all_connections_filter();              // vt/v1/+/+/state/conn
std::string all_reported_filter();                 // vt/v1/+/+/state/reported
inline constexpr std::string_view kOperatorPushFilter = "vt/v1/op/+/push";

struct DeviceTopic {
  std::uint32_t shard = 0;
  ScreenId device;
  std::string leaf;  // "up/play", "state/conn", ...
};
std::optional<DeviceTopic> parse_device_topic(std::string_view topic);
std::optional<std::string> parse_push_topic(std::string_view topic);  // the operator's name

}  // namespace vitrine
