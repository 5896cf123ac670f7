#include "protocol/topics.hpp"

#include "protocol/registry.hpp"

namespace vitrine {
namespace {

constexpr std::string_view kRoot = "vt/v1/";

std::string desired_leaf(DocumentKind kind) {
  return "desired/" + std::string(name_of(kind));
}

// Takes the text up to the next '/' off the front; false when there is no '/' any more.
bool take_level(std::string_view& rest, std::string_view& level) {
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return false;
  level = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  return true;
}

}  // namespace

DeviceTopics::DeviceTopics(const ScreenId& device)
    : root_(std::string(kRoot) + std::to_string(shard_of(device)) + "/" + device + "/") {}

std::string DeviceTopics::up(Stream stream) const {
  return root_ + "up/" + std::string(name_of(stream));
}
std::string DeviceTopics::up_back() const {
  return root_ + "up/back";
}
std::string DeviceTopics::up_reply() const {
  return root_ + "up/reply";
}
std::string DeviceTopics::up_picture() const {
  return root_ + "up/picture";
}
std::string DeviceTopics::connection() const {
  return root_ + "state/conn";
}
std::string DeviceTopics::reported() const {
  return root_ + "state/reported";
}
std::string DeviceTopics::desired(DocumentKind kind) const {
  return root_ + "down/" + desired_leaf(kind);
}
std::string DeviceTopics::desired_filter() const {
  return root_ + "down/desired/+";
}
std::string DeviceTopics::ack() const {
  return root_ + "down/ack";
}
std::string DeviceTopics::command() const {
  return root_ + "down/cmd";
}
std::string DeviceTopics::time() const {
  return root_ + "down/time";
}

std::string group_desired_topic(const std::string& group, DocumentKind kind) {
  return std::string(kRoot) + "g/" + group + "/" + desired_leaf(kind);
}
std::string group_desired_filter(const std::string& group) {
  return std::string(kRoot) + "g/" + group + "/desired/+";
}

std::string desired_topic(const Audience& audience, DocumentKind kind) {
  return audience.kind == Audience::Kind::group ? group_desired_topic(audience.name, kind)
                                                : DeviceTopics(audience.name).desired(kind);
}

std::string operator_push_topic(const std::string& operator_name) {
  return std::string(kRoot) + "op/" + operator_name + "/push";
}
std::string operator_reply_topic(const std::string& operator_name) {
  return std::string(kRoot) + "op/" + operator_name + "/reply";
}

std::string shard_up_filter(std::uint32_t shard) {
  return std::string(kRoot) + std::to_string(shard) + "/+/up/#";
}
std::string shard_connections_filter(std::uint32_t shard) {
  return std::string(kRoot) + std::to_string(shard) + "/+/state/conn";
}
std::string all_connections_filter() {
  return std::string(kRoot) + "+/+/state/conn";
}
std::string all_reported_filter() {
  return std::string(kRoot) + "+/+/state/reported";
}

std::optional<DeviceTopic> parse_device_topic(std::string_view topic) {
  if (!topic.starts_with(kRoot)) return std::nullopt;
  std::string_view rest = topic.substr(kRoot.size());
  std::string_view shard, device;
  if (!take_level(rest, shard) || !take_level(rest, device) || rest.empty()) return std::nullopt;
  DeviceTopic parsed;
  parsed.device = device;
  parsed.leaf = rest;
  if (!is_valid_name(parsed.device)) return std::nullopt;
  // A screen has one shard, written one way: whoever publishes on another one is not served twice.
  parsed.shard = shard_of(parsed.device);
  if (shard != std::to_string(parsed.shard)) return std::nullopt;
  return parsed;
}

std::optional<std::string> parse_push_topic(std::string_view topic) {
  constexpr std::string_view before = "vt/v1/op/";
  constexpr std::string_view after = "/push";
  if (topic.size() <= before.size() + after.size() || !topic.starts_with(before) ||
      !topic.ends_with(after)) {
    return std::nullopt;
  }
  std::string name(topic.substr(before.size(), topic.size() - before.size() - after.size()));
  if (!is_valid_name(name)) return std::nullopt;
  return name;
}

}  // namespace vitrine
