#include "recorded_drm.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "output/kms_route.hpp"
#include "output/vblank.hpp"
#include "platform/file.hpp"
#include "protocol/json.hpp"

namespace vitrine::testing {
namespace {

// --- reading ---

struct Unfit {
  std::string why;
};

std::uint64_t integer(const Json& from, std::string_view name) {
  const Json* member = from.find(name);
  if (member == nullptr) throw Unfit{"there is no " + std::string(name)};
  if (const std::int64_t* value = member->integer()) return static_cast<std::uint64_t>(*value);
  if (member->real() != nullptr) return UINT64_MAX;  // the upper end of "everything"
  throw Unfit{std::string(name) + " is no integer"};
}
std::uint64_t integer_or(const Json& from, std::string_view name, std::uint64_t otherwise) {
  return from.find(name) == nullptr ? otherwise : integer(from, name);
}
std::uint32_t word(const Json& from, std::string_view name) {
  return static_cast<std::uint32_t>(integer(from, name));
}
const std::string& text(const Json& from, std::string_view name) {
  const Json* member = from.find(name);
  if (member == nullptr || member->text() == nullptr) {
    throw Unfit{"there is no " + std::string(name)};
  }
  return *member->text();
}
const Json::Array& array(const Json& from, std::string_view name) {
  const Json* member = from.find(name);
  if (member == nullptr || member->array() == nullptr) {
    throw Unfit{"there is no " + std::string(name)};
  }
  return *member->array();
}
std::vector<std::uint32_t> words(const Json& from, std::string_view name) {
  std::vector<std::uint32_t> all;
  for (const Json& one : array(from, name)) {
    if (one.integer() == nullptr) throw Unfit{std::string(name) + " holds more than integers"};
    all.push_back(static_cast<std::uint32_t>(*one.integer()));
  }
  return all;
}

DrmMode read_mode(const Json& from) {
  const auto half = [&](std::string_view name) {
    return static_cast<std::uint16_t>(integer(from, name));
  };
  DrmMode mode;
  mode.clock = word(from, "clock");
  mode.hdisplay = half("hdisplay");
  mode.hsync_start = half("hsync_start");
  mode.hsync_end = half("hsync_end");
  mode.htotal = half("htotal");
  mode.vdisplay = half("vdisplay");
  mode.vsync_start = half("vsync_start");
  mode.vsync_end = half("vsync_end");
  mode.vtotal = half("vtotal");
  mode.hskew = static_cast<std::uint16_t>(integer_or(from, "hskew", 0));
  mode.vscan = static_cast<std::uint16_t>(integer_or(from, "vscan", 0));
  mode.vrefresh = word(from, "vrefresh");
  mode.flags = word(from, "flags");
  mode.type = word(from, "type");
  mode.name = text(from, "name");
  return mode;
}

std::vector<DrmProperty> read_properties(const Json& from) {
  const Json* members = from.find("properties");
  if (members == nullptr || members->object() == nullptr) throw Unfit{"there are no properties"};
  std::vector<DrmProperty> all;
  for (const auto& [name, one] : *members->object()) {
    DrmProperty property;
    property.name = name;
    property.id = word(one, "id");
    property.flags = word(one, "flags");
    property.value = integer(one, "raw_value");
    if (const Json* spec = one.find("spec")) {
      if (spec->array() != nullptr) {
        for (const Json& value : *spec->array()) {
          property.names.emplace_back(text(value, "name"), integer(value, "value"));
        }
      } else if (spec->object() != nullptr) {
        property.range = {integer(*spec, "min"), integer(*spec, "max")};
      }
    }
    all.push_back(std::move(property));
  }
  return all;
}

// The types a name can stand for, with the kernel's numbers.
std::string connector_name(const Json& from) {
  if (from.find("name") != nullptr) return text(from, "name");
  return "connector-" + std::to_string(integer(from, "id"));  // drm_info tells none
}

DisplayRecord read(const Json& from) {
  DisplayRecord record;
  const Json* driver = from.find("driver");
  if (driver == nullptr) throw Unfit{"there is no driver"};
  record.driver = {text(*driver, "name"), text(*driver, "desc")};
  const Json* caps = driver->find("caps");
  record.dumb_buffers = caps != nullptr && integer(*caps, "DUMB_BUFFER") != 0;
  const Json* client = driver->find("client_caps");
  const Json* atomic = client == nullptr ? nullptr : client->find("ATOMIC");
  record.atomic = atomic != nullptr && atomic->boolean() != nullptr && *atomic->boolean();
  for (const Json& one : array(from, "connectors")) {
    auto& [connector, properties] = record.connectors.emplace_back();
    connector.id = word(one, "id");
    connector.type = word(one, "type");
    connector.name = connector_name(one);
    connector.connection = static_cast<DrmConnection>(integer(one, "status"));
    connector.width_mm = word(one, "phy_width");
    connector.height_mm = word(one, "phy_height");
    connector.encoder = static_cast<std::uint32_t>(integer_or(one, "encoder_id", 0));
    connector.encoders = words(one, "encoders");
    for (const Json& mode : array(one, "modes")) connector.modes.push_back(read_mode(mode));
    properties = read_properties(one);
  }
  for (const Json& one : array(from, "encoders")) {
    record.encoders.push_back(
        {word(one, "id"), word(one, "type"), word(one, "crtc_id"), word(one, "possible_crtcs")});
  }
  for (const Json& one : array(from, "crtcs")) {
    auto& [crtc, properties] = record.crtcs.emplace_back();
    crtc.id = word(one, "id");
    crtc.framebuffer = word(one, "fb_id");
    const Json* mode = one.find("mode");
    if (mode == nullptr) throw Unfit{"there is no mode"};
    crtc.active = !mode->is_null();
    if (crtc.active) crtc.mode = read_mode(*mode);
    properties = read_properties(one);
  }
  for (const Json& one : array(from, "planes")) {
    auto& [plane, properties] = record.planes.emplace_back();
    plane.id = word(one, "id");
    plane.crtc = word(one, "crtc_id");
    plane.framebuffer = word(one, "fb_id");
    plane.possible_crtcs = word(one, "possible_crtcs");
    plane.formats = words(one, "formats");
    properties = read_properties(one);
  }
  return record;
}

bool named(const std::vector<DrmProperty>& properties, const std::string& name) {
  return std::ranges::any_of(properties, [&](const DrmProperty& one) { return one.name == name; });
}

}  // namespace

Result<DisplayRecord> read_display_record(const std::string& text) {
  auto json = parse_json(text);
  if (!json) return std::move(json).error();
  try {
    return read(*json);
  } catch (const Unfit& unfit) {
    return vitrine::fail(ErrorCode::invalid, "no record of a display: " + unfit.why);
  }
}

DisplayRecord recorded_display(const std::string& name) {
  const auto text = read_text(fs::path(VITRINE_DISPLAYS) / (name + ".json"));
  if (!text) throw std::runtime_error(text.error().message);
  auto record = read_display_record(*text);
  if (!record) throw std::runtime_error(name + ": " + record.error().message);
  return std::move(*record);
}

// --- the card ---

RecordedCard::RecordedCard(ManualClock& clock, DisplayRecord record)
    : clock_(clock), record_(std::move(record)), mode_set_at_(clock.monotonic()) {
  for (auto& [what, properties] : record_.connectors) {
    complete(properties, DrmKind::connector);
    objects_[what.id] = &properties;
  }
  for (auto& [what, properties] : record_.crtcs) {
    complete(properties, DrmKind::crtc);
    objects_[what.id] = &properties;
  }
  for (auto& [what, properties] : record_.planes) {
    complete(properties, DrmKind::plane);
    objects_[what.id] = &properties;
  }
  for (const auto& [object, properties] : objects_) {
    for (const DrmProperty& one : *properties) state_[{object, one.id}] = one.value;
  }
  // What the record's programs had on the display was theirs.
  for (const auto& [crtc, properties] : record_.crtcs) {
    state_[{crtc.id, id_of(crtc.id, "ACTIVE")}] = crtc.active ? 1 : 0;
    std::uint32_t blob = 0;
    if (crtc.active) blobs_[blob = next_id_++] = crtc.mode;
    state_[{crtc.id, id_of(crtc.id, "MODE_ID")}] = blob;
  }
  for (const auto& [plane, properties] : record_.planes) {
    state_[{plane.id, id_of(plane.id, "CRTC_ID")}] = plane.crtc;
    state_[{plane.id, id_of(plane.id, "FB_ID")}] = plane.framebuffer;
  }
  for (const auto& [connector, properties] : record_.connectors) {
    const auto serving = std::ranges::find_if(
        record_.encoders, [&](const DrmEncoder& one) { return one.id == connector.encoder; });
    state_[{connector.id, id_of(connector.id, "CRTC_ID")}] =
        serving == record_.encoders.end() ? 0 : serving->crtc;
  }
}

// modetest lists what a client sees that has not asked for atomic commits; these the kernel's core
// gives to every object of an atomic driver, whatever the driver.
void RecordedCard::complete(std::vector<DrmProperty>& properties, DrmKind kind) {
  const auto add = [&](const char* name, std::uint32_t flags, std::vector<std::uint64_t> range) {
    if (!named(properties, name)) {
      properties.push_back({next_id_++, flags | kPropertyAtomic, name, 0, std::move(range), {}});
    }
  };
  const std::vector<std::uint64_t> any{0, INT32_MAX}, fixed{0, UINT32_MAX}, both{0, UINT64_MAX};
  if (kind == DrmKind::connector) add("CRTC_ID", kPropertyObject, {});
  if (kind == DrmKind::crtc) {
    add("ACTIVE", kPropertyRange, {0, 1});
    add("MODE_ID", kPropertyBlob, {});
  }
  if (kind == DrmKind::plane) {
    for (const char* name : {"FB_ID", "CRTC_ID"}) add(name, kPropertyObject, {});
    for (const char* name : {"SRC_X", "SRC_Y", "SRC_W", "SRC_H"}) add(name, kPropertyRange, fixed);
    for (const char* name : {"CRTC_X", "CRTC_Y"}) add(name, kPropertySignedRange, both);
    for (const char* name : {"CRTC_W", "CRTC_H"}) add(name, kPropertyRange, any);
  }
}

void RecordedCard::plug(bool in) {
  for (auto& [connector, properties] : record_.connectors) {
    if (!connector.modes.empty()) {
      connector.connection = in ? DrmConnection::connected : DrmConnection::disconnected;
    }
  }
}

void RecordedCard::doubt() {
  for (auto& [connector, properties] : record_.connectors) {
    connector.connection = DrmConnection::unknown;
  }
}

int RecordedCard::fault(const std::string& call) {
  const auto found = faults_.find(call);
  if (found == faults_.end() || found->second.times == 0) return 0;
  --found->second.times;
  return found->second.error;
}

const DrmProperty* RecordedCard::property(std::uint32_t object, std::uint32_t id) const {
  const auto found = objects_.find(object);
  if (found == objects_.end()) return nullptr;
  for (const DrmProperty& one : *found->second) {
    if (one.id == id) return &one;
  }
  return nullptr;
}

std::uint32_t RecordedCard::id_of(std::uint32_t object, const std::string& name) const {
  for (const DrmProperty& one : *objects_.at(object)) {
    if (one.name == name) return one.id;
  }
  return 0;
}

std::uint64_t RecordedCard::value(const State& state, std::uint32_t object,
                                  const std::string& name) const {
  const auto found = state.find({object, id_of(object, name)});
  return found == state.end() ? 0 : found->second;
}

int RecordedCard::check_value(const DrmProperty& property, std::uint64_t value) const {
  if ((property.flags & kPropertyImmutable) != 0) return EINVAL;
  if ((property.flags & kPropertyBitmask) != 0) {
    std::uint64_t known = 0;
    for (const auto& [name, bit] : property.names) known |= std::uint64_t{1} << bit;
    return (value & ~known) == 0 ? 0 : EINVAL;
  }
  if (!property.names.empty()) {
    return std::ranges::any_of(property.names, [&](const auto& one) { return one.second == value; })
               ? 0
               : EINVAL;
  }
  if ((property.flags & kPropertyRange) != 0 && property.range.size() == 2) {
    return value >= property.range[0] && value <= property.range[1] ? 0 : EINVAL;
  }
  if (property.name == "MODE_ID")
    return value == 0 || blobs_.contains(static_cast<std::uint32_t>(value)) ? 0 : EINVAL;
  if (property.name == "FB_ID")
    return value == 0 || framebuffers_.contains(static_cast<std::uint32_t>(value)) ? 0 : ENOENT;
  return 0;
}

int RecordedCard::check_plane(const State& state,
                              const DisplayRecord::With<DrmPlane>& plane) const {
  const std::uint32_t id = plane.what.id;
  const auto of = [&](const char* name) { return value(state, id, name); };
  const auto framebuffer = static_cast<std::uint32_t>(of("FB_ID"));
  const auto crtc = static_cast<std::uint32_t>(of("CRTC_ID"));
  if ((framebuffer == 0) != (crtc == 0)) return EINVAL;
  if (framebuffer == 0) return 0;
  const auto found = framebuffers_.find(framebuffer);
  if (found == framebuffers_.end()) return 0;  // another program's, from the record
  const auto index =
      std::ranges::find_if(record_.crtcs, [&](const auto& one) { return one.what.id == crtc; });
  if (index == record_.crtcs.end() ||
      (plane.what.possible_crtcs >> (index - record_.crtcs.begin()) & 1) == 0) {
    return EINVAL;
  }
  const DrmFramebuffer& what = found->second.what;
  if (std::ranges::find(plane.what.formats, what.format) == plane.what.formats.end() ||
      refused_formats.contains(what.format)) {
    return EINVAL;
  }
  const std::uint64_t width = of("SRC_W") >> 16, height = of("SRC_H") >> 16;
  if (width == 0 || height == 0 || (of("SRC_X") >> 16) + width > what.width ||
      (of("SRC_Y") >> 16) + height > what.height) {
    return ENOSPC;
  }
  const DrmProperty* rotation = property(id, id_of(id, "rotation"));
  std::uint64_t turn = 0;
  if (rotation != nullptr) {
    for (const auto& [name, bit] : rotation->names) {
      if ((of("rotation") >> bit & 1) != 0 && (name == "rotate-90" || name == "rotate-270"))
        turn = 1;
    }
  }
  const bool scaled = turn == 0 ? width != of("CRTC_W") || height != of("CRTC_H")
                                : width != of("CRTC_H") || height != of("CRTC_W");
  if (scaled && !planes_scale) return ERANGE;
  const std::uint64_t type = value(state_, id, "type");
  if (type == 0 && !overlay_alone) {
    const bool primary = std::ranges::any_of(record_.planes, [&](const auto& one) {
      return value(state_, one.what.id, "type") == 1 &&
             value(state, one.what.id, "CRTC_ID") == crtc;
    });
    if (!primary) return EINVAL;
  }
  return 0;
}

bool RecordedCard::mode_changes(const State& next) const {
  for (const auto& [crtc, properties] : record_.crtcs) {
    if (value(next, crtc.id, "ACTIVE") != value(state_, crtc.id, "ACTIVE")) return true;
    const auto now = blobs_.find(static_cast<std::uint32_t>(value(state_, crtc.id, "MODE_ID")));
    const auto then = blobs_.find(static_cast<std::uint32_t>(value(next, crtc.id, "MODE_ID")));
    if ((now == blobs_.end()) != (then == blobs_.end())) return true;
    if (now != blobs_.end() && !now->second.same_times(then->second)) return true;
  }
  return std::ranges::any_of(record_.connectors, [&](const auto& one) {
    return value(next, one.what.id, "CRTC_ID") != value(state_, one.what.id, "CRTC_ID");
  });
}

Micros RecordedCard::period() const {
  const auto set = mode();
  return set ? refresh_of(times_of(*set)).period() : kSecond / 60;
}

Micros RecordedCard::vblank_after(Micros monotonic) const {
  return mode_set_at_ + ((monotonic - mode_set_at_) / period() + 1) * period();
}

int RecordedCard::commit(const DrmCommit& commit) {
  if (master_taken) return EACCES;
  if (const int error = fault(commit.test_only ? "test" : "commit")) return error;
  State next = state_;
  for (const DrmSetting& setting : commit.settings) {
    const DrmProperty* what = property(setting.object, setting.property);
    if (what == nullptr) return ENOENT;
    if (const int error = check_value(*what, setting.value)) return error;
    next[{setting.object, setting.property}] = setting.value;
  }
  for (const auto& [crtc, properties] : record_.crtcs) {
    if (value(next, crtc.id, "ACTIVE") != 0 && value(next, crtc.id, "MODE_ID") == 0) return EINVAL;
  }
  const bool changes = mode_changes(next);
  if (changes && !commit.modeset) return EINVAL;
  for (const auto& plane : record_.planes) {
    if (const int error = check_plane(next, plane)) return error;
  }
  if (commit.test_only) {
    ++tests;
    return 0;
  }
  const Micros now = clock_.boottime();
  if (commit.flip_event) {
    if (now < busy_until_) return EBUSY;
    const bool on = std::ranges::any_of(
        record_.crtcs, [&](const auto& one) { return value(next, one.what.id, "ACTIVE") != 0; });
    if (!on) return EINVAL;
  } else if (now < busy_until_) {
    clock_.sleep_until(busy_until_);  // a commit that blocks waits for the one before
  }
  if (!sticks_) state_ = std::move(next);
  sticks_ = false;
  commits.push_back({commit, now, changes});
  if (changes) mode_set_at_ = clock_.monotonic();
  if (commit.flip_event) {
    const Micros monotonic = counts_vblanks ? vblank_after(clock_.monotonic()) : clock_.monotonic();
    busy_until_ = now + (monotonic - clock_.monotonic());
    const std::uint32_t number =
        counts_vblanks ? static_cast<std::uint32_t>((monotonic - mode_set_at_) / period()) : 0;
    if (!lose_event_) events_.push_back({{commit.token, number, monotonic}, busy_until_});
    lose_event_ = false;
    most_in_flight = std::max(most_in_flight, static_cast<int>(events_.size()));
  }
  return 0;
}

std::optional<DrmMode> RecordedCard::mode() const {
  for (const auto& [crtc, properties] : record_.crtcs) {
    const auto blob = blobs_.find(static_cast<std::uint32_t>(value(state_, crtc.id, "MODE_ID")));
    if (value(state_, crtc.id, "ACTIVE") != 0 && blob != blobs_.end()) return blob->second;
  }
  return std::nullopt;
}

std::optional<RecordedCard::Shown> RecordedCard::shown() const {
  if (!mode()) return std::nullopt;
  for (const auto& [plane, properties] : record_.planes) {
    const auto framebuffer =
        framebuffers_.find(static_cast<std::uint32_t>(value(state_, plane.id, "FB_ID")));
    if (framebuffer == framebuffers_.end()) continue;
    const auto& [what, bytes] = framebuffer->second;
    Shown shown{plane.id,
                framebuffer->first,
                what.format,
                static_cast<int>(what.width),
                static_cast<int>(what.height),
                static_cast<int>(what.pitch),
                static_cast<int>(value(state_, plane.id, "CRTC_W")),
                static_cast<int>(value(state_, plane.id, "CRTC_H")),
                bytes->data(),
                bytes->data() + what.chroma_offset,
                {}};
    for (const DrmProperty& one : properties) {
      shown.settings[one.name] = value(state_, plane.id, one.name);
    }
    return shown;
  }
  return std::nullopt;
}

void RecordedCard::spoil_shown() {
  const auto now = shown();
  if (!now) return;
  auto& bytes = *framebuffers_.at(now->framebuffer).bytes;
  for (std::size_t at = 0; at < bytes.size(); at += static_cast<std::size_t>(now->pitch)) {
    bytes[at] ^= 0x40;
  }
}

// --- the calls ---

class RecordedCalls final : public DrmCalls {
 public:
  explicit RecordedCalls(RecordedCard& card) : card_(card) {}

  int descriptor() const override { return -1; }
  int driver(DrmDriver& driver) override {
    driver = card_.record_.driver;
    return card_.fault("driver");
  }
  int has_dumb_buffers(bool& has) override {
    has = card_.record_.dumb_buffers;
    return card_.fault("has_dumb_buffers");
  }
  int go_atomic() override { return card_.record_.atomic ? card_.fault("go_atomic") : EOPNOTSUPP; }
  int take_master() override { return card_.master_taken ? EBUSY : 0; }

  int card(DrmCard& card) override {
    if (const int error = card_.fault("card")) return error;
    card = {};
    for (const auto& one : card_.record_.connectors) card.connectors.push_back(one.what.id);
    for (const auto& one : card_.record_.encoders) card.encoders.push_back(one.id);
    for (const auto& one : card_.record_.crtcs) card.crtcs.push_back(one.what.id);
    for (const auto& one : card_.record_.planes) card.planes.push_back(one.what.id);
    for (const auto& [id, what] : card_.framebuffers_) card.framebuffers.push_back(id);
    return 0;
  }
  int connector(std::uint32_t id, bool probe, DrmConnector& connector) override {
    if (const int error = card_.fault("connector")) return error;
    if (probe) ++card_.probes;
    for (const auto& one : card_.record_.connectors) {
      if (one.what.id != id) continue;
      connector = one.what;
      if (connector.connection == DrmConnection::disconnected) connector.modes.clear();
      if (card_.modes_dropped_) {
        for (DrmMode& mode : connector.modes) mode.type &= ~kModePreferred;
      }
      return 0;
    }
    return ENOENT;
  }
  int encoder(std::uint32_t id, DrmEncoder& encoder) override {
    for (const DrmEncoder& one : card_.record_.encoders) {
      if (one.id != id) continue;
      encoder = one;
      return 0;
    }
    return ENOENT;
  }
  int crtc(std::uint32_t id, DrmCrtc& crtc) override {
    if (!card_.objects_.contains(id)) return ENOENT;
    crtc = {id, 0, card_.value(card_.state_, id, "ACTIVE") != 0, {}};
    const auto blob =
        card_.blobs_.find(static_cast<std::uint32_t>(card_.value(card_.state_, id, "MODE_ID")));
    if (blob != card_.blobs_.end()) crtc.mode = blob->second;
    return 0;
  }
  int plane(std::uint32_t id, DrmPlane& plane) override {
    if (const int error = card_.fault("plane")) return error;
    for (const auto& one : card_.record_.planes) {
      if (one.what.id != id) continue;
      plane = one.what;
      plane.crtc = static_cast<std::uint32_t>(card_.value(card_.state_, id, "CRTC_ID"));
      plane.framebuffer = static_cast<std::uint32_t>(card_.value(card_.state_, id, "FB_ID"));
      return 0;
    }
    return ENOENT;
  }
  int properties(DrmKind, std::uint32_t id, std::vector<DrmProperty>& properties) override {
    const auto found = card_.objects_.find(id);
    if (found == card_.objects_.end()) return ENOENT;
    properties = *found->second;
    for (DrmProperty& one : properties) one.value = card_.state_[{id, one.id}];
    return 0;
  }

  int create_dumb(int width, int height, int bits, DumbMemory& memory) override {
    if (const int error = card_.fault("create_dumb")) return error;
    memory.pitch = static_cast<std::uint32_t>((width * bits / 8 + 63) / 64 * 64);
    memory.size = std::uint64_t{memory.pitch} * static_cast<std::uint64_t>(height);
    memory.handle = 1;  // the lowest free number, as the kernel does it
    while (card_.memories_.contains(memory.handle)) ++memory.handle;
    card_.memories_[memory.handle] = {std::make_shared<std::vector<std::uint8_t>>(memory.size),
                                      memory.pitch};
    return 0;
  }
  int destroy_dumb(std::uint32_t handle) override {
    return card_.memories_.erase(handle) == 1 ? 0 : EINVAL;
  }
  int map_dumb(const DumbMemory& memory, std::uint8_t*& pixels) override {
    if (const int error = card_.fault("map_dumb")) return error;
    const auto found = card_.memories_.find(memory.handle);
    if (found == card_.memories_.end()) return ENOENT;
    mapped_.push_back(found->second.bytes);
    pixels = found->second.bytes->data();
    return 0;
  }
  void unmap(std::uint8_t* pixels, std::uint64_t) override {
    std::erase_if(mapped_, [&](const auto& bytes) { return bytes->data() == pixels; });
  }
  int add_framebuffer(const DrmFramebuffer& wanted, std::uint32_t& id) override {
    if (const int error = card_.fault("add_framebuffer")) return error;
    const auto memory = card_.memories_.find(wanted.handle);
    if (memory == card_.memories_.end()) return ENOENT;
    const std::uint64_t rows = wanted.format == kFormatNv12 ? wanted.height * 3 / 2 : wanted.height;
    if (std::uint64_t{wanted.pitch} * rows > memory->second.bytes->size()) return EINVAL;
    id = card_.next_id_++;
    card_.framebuffers_[id] = {wanted, memory->second.bytes};
    return 0;
  }
  // What it is on goes off, as in the kernel.
  int remove_framebuffer(std::uint32_t id) override {
    if (card_.framebuffers_.erase(id) == 0) return ENOENT;
    for (const auto& [plane, properties] : card_.record_.planes) {
      auto& framebuffer = card_.state_[{plane.id, card_.id_of(plane.id, "FB_ID")}];
      if (framebuffer != id) continue;
      framebuffer = 0;
      card_.state_[{plane.id, card_.id_of(plane.id, "CRTC_ID")}] = 0;
    }
    return 0;
  }

  int create_mode(const DrmMode& mode, std::uint32_t& blob) override {
    if (const int error = card_.fault("create_mode")) return error;
    card_.blobs_[blob = card_.next_id_++] = mode;
    return 0;
  }
  int destroy_mode(std::uint32_t blob) override {
    // The CRTC holds what it uses.
    for (const auto& [crtc, properties] : card_.record_.crtcs) {
      if (card_.value(card_.state_, crtc.id, "MODE_ID") == blob) return 0;
    }
    return card_.blobs_.erase(blob) == 1 ? 0 : ENOENT;
  }
  int commit(const DrmCommit& commit) override { return card_.commit(commit); }
  int next_event(Micros until, DrmFlipEvent& event) override {
    if (const int error = card_.fault("next_event")) return error;
    if (card_.events_.empty() || card_.events_.front().boottime > until) {
      card_.clock_.sleep_until(until);
      return ETIMEDOUT;
    }
    card_.clock_.sleep_until(card_.events_.front().boottime);
    event = card_.events_.front().event;
    card_.events_.pop_front();
    return 0;
  }
  int sequence(std::uint32_t, std::uint64_t& sequence, Micros& monotonic) override {
    if (!card_.counts_vblanks) return EOPNOTSUPP;
    const Micros period = card_.period();
    sequence = static_cast<std::uint64_t>((card_.clock_.monotonic() - card_.mode_set_at_) / period);
    monotonic = card_.mode_set_at_ + static_cast<Micros>(sequence) * period;
    return 0;
  }

 private:
  RecordedCard& card_;
  std::vector<std::shared_ptr<std::vector<std::uint8_t>>> mapped_;
};

std::unique_ptr<DrmCalls> RecordedCard::open() {
  return std::make_unique<RecordedCalls>(*this);
}

}  // namespace vitrine::testing
