// A card that exists as a recording only (tests/output/displays, docs/display-probe.md): it answers
// as the record says, keeps buffers in ordinary memory, judges commits by the kernel's own rules
// and tells its vblanks in the time of a ManualClock.
//
// Its descriptor outlives the calls that were opened on it, as in a supervisor's store.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "manual_clock.hpp"
#include "output/display_record.hpp"

namespace vitrine::testing {

// Refuses a record that lacks what the answers would need.
Result<DisplayRecord> read_display_record(const std::string& text);
// One of tests/output/displays, by its name.
DisplayRecord recorded_display(const std::string& name);

class RecordedCard {
 public:
  RecordedCard(ManualClock& clock, DisplayRecord record);

  std::unique_ptr<DrmCalls> open();

  // --- what the record cannot tell, chosen by a test ---
  bool counts_vblanks = true;
  bool planes_scale = true;
  bool overlay_alone = true;  // a CRTC may be on without its primary plane
  bool master_taken = false;  // by another program
  std::set<std::uint32_t> refused_formats;

  // The next `times` calls of that name (those of DrmCalls, and "test" for a commit that only
  // tests) answer with this errno.
  void fail(const std::string& call, int error, int times = 1) { faults_[call] = {error, times}; }
  // The next flip's event never comes.
  void lose_event() { lose_event_ = true; }
  void plug(bool in);
  void doubt();  // hardware that cannot tell whether something is plugged in
  void drop_modes() { modes_dropped_ = true; }  // a display whose EDID cannot be read

  // --- what is on the display ---
  struct Shown {
    std::uint32_t plane = 0, framebuffer = 0, format = 0;
    int width = 0, height = 0, pitch = 0;     // of the buffer
    int screen_width = 0, screen_height = 0;  // what it covers
    const std::uint8_t* pixels = nullptr;
    const std::uint8_t* chroma = nullptr;           // of NV12
    std::map<std::string, std::uint64_t> settings;  // of the plane, by name
  };
  // nullopt: the CRTC is off, or nothing is on it.
  std::optional<Shown> shown() const;
  std::optional<DrmMode> mode() const;  // that is set now
  // Every row of what is on the display changes behind everybody's back.
  void spoil_shown();
  // The next flip is reported, and shows what was shown before.
  void stick() { sticks_ = true; }

  struct Committed {
    DrmCommit commit;
    Micros at = 0;
    bool changed_mode = false;  // switched a CRTC on, off or to another mode
  };
  std::vector<Committed> commits;  // that were done, without tests
  int tests = 0, probes = 0;
  std::size_t framebuffers() const { return framebuffers_.size(); }
  std::size_t memories() const { return memories_.size(); }
  int most_in_flight = 0;

 private:
  friend class RecordedCalls;
  using Key = std::pair<std::uint32_t, std::uint32_t>;  // object, property
  using State = std::map<Key, std::uint64_t>;
  struct Fault {
    int error = 0, times = 0;
  };
  struct Memory {
    std::shared_ptr<std::vector<std::uint8_t>> bytes;
    std::uint32_t pitch = 0;
  };
  struct Framebuffer {
    DrmFramebuffer what;
    std::shared_ptr<std::vector<std::uint8_t>> bytes;
  };

  int fault(const std::string& call);
  void complete(std::vector<DrmProperty>& properties, DrmKind kind);
  const DrmProperty* property(std::uint32_t object, std::uint32_t id) const;
  std::uint32_t id_of(std::uint32_t object, const std::string& name) const;
  std::uint64_t value(const State& state, std::uint32_t object, const std::string& name) const;
  int check_value(const DrmProperty& property, std::uint64_t value) const;
  int check_plane(const State& state, const DisplayRecord::With<DrmPlane>& plane) const;
  bool mode_changes(const State& next) const;
  int commit(const DrmCommit& commit);
  Micros vblank_after(Micros monotonic) const;
  Micros period() const;

  ManualClock& clock_;
  DisplayRecord record_;
  std::map<std::uint32_t, std::vector<DrmProperty>*> objects_;
  State state_;
  std::map<std::string, Fault> faults_;
  std::map<std::uint32_t, Memory> memories_;
  std::map<std::uint32_t, Framebuffer> framebuffers_;
  std::map<std::uint32_t, DrmMode> blobs_;
  struct Event {
    DrmFlipEvent event;
    Micros boottime = 0;
  };
  std::deque<Event> events_;
  Micros busy_until_ = 0;  // boottime at which the flip under way is on
  Micros mode_set_at_ = 0;
  std::uint32_t next_id_ = 10'000;
  bool lose_event_ = false, sticks_ = false, modes_dropped_ = false;
};

}  // namespace vitrine::testing
