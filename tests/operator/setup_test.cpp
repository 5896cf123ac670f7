// A technician at a bare board: the real enrolment answers, without a network between.
#include "operator/setup.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>

#include "backflow/enrolment.hpp"
#include "manual_clock.hpp"
#include "platform/certificate.hpp"
#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "state/field_notes.hpp"
#include "temp_directory.hpp"

namespace vitrine {
namespace {

using testing::ManualClock;
using testing::TempDirectory;

constexpr const char* kBoard = "10000000abcd";

struct Site {
  TempDirectory temp;
  StatePaths paths{temp / "lib", temp / "run"};
  ManualClock clock;
  EnrolConfig config;
  bool network = true;
  int asked = 0;

  explicit Site(const std::string& name = "ours") {
    const std::int64_t now = clock.realtime() / kSecond;
    const Authority ca = Authority::create(name, now - 10, now + 10'000'000);
    REQUIRE(write_atomic(temp / "ca.pem", ca.certificate().pem()));
    REQUIRE(write_atomic(temp / "ca.key", ca.key_pem()));
    const auto root = PrivateKey::generate();
    REQUIRE(write_public_key(temp / "root.pub", root.public_key()));
    REQUIRE(write_atomic(
        temp / "trust.jws",
        sign_document({DocumentKind::trust, {Audience::Kind::group, "demo"}, "root", 1, 1, 0},
                      write_trust({}), root)));
    REQUIRE(write_atomic(temp / "registry.json", write_registry({})));
    config.url = "https://enrol.example";
    config.registry = temp / "registry.json";
    config.root_key = temp / "root.pub";
    config.trust = temp / "trust.jws";
    config.authority = config.ca_certificate = temp / "ca.pem";
    config.ca_key = temp / "ca.key";
    config.book = temp / "enrol.db";
    config.mqtt_host = "broker.example";
    REQUIRE(make_state_directories(paths).ok());
  }
  TokenRequest request(const std::string& screen) const {
    return {screen, 7, "Europe/Berlin", {"lifts"}, 7 * 86'400};
  }
  std::string token(const std::string& screen = "lobby-1") {
    auto made = make_token(config, request(screen), clock);
    REQUIRE(made.ok());
    return *made;
  }
  // A stick with a bundle on it, and the code that comes with it.
  std::pair<fs::path, std::string> stick(const std::string& board = "",
                                         const std::string& screen = "lobby-1") {
    auto made = make_bundle(config, request(screen), board, clock);
    REQUIRE_MESSAGE(made.ok(), (made ? "" : made.error().message));
    REQUIRE(write_atomic(temp / "stick", made->text));
    return {temp / "stick", made->code};
  }
  op::HttpsPoster post() {
    return [this](const HttpsPost& question) -> Result<HttpsAnswer> {
      ++asked;
      if (!network) return fail(ErrorCode::unavailable, "cannot reach " + question.url);
      auto enrolment = Enrolment::open(config, clock);
      REQUIRE(enrolment.ok());
      auto read = read_enrol_request(question.body);
      REQUIRE(read.ok());
      auto answer = (*enrolment)->enrol(*read);
      if (!answer) return HttpsAnswer{403, write_refusal(answer.error().message)};
      return HttpsAnswer{200, write_enrol_answer(*answer)};
    };
  }
  op::SetupOptions by_stick(const std::pair<fs::path, std::string>& stick) const {
    op::SetupOptions options;
    options.paths = paths;
    options.board = kBoard;
    options.bundle = stick.first;
    options.code = stick.second;
    options.unattended = true;
    return options;
  }
  op::SetupOptions by_token(const std::string& token) const {
    op::SetupOptions options;
    options.paths = paths;
    options.board = kBoard;
    options.server = config.url;
    options.token = token;
    options.unattended = true;
    return options;
  }
  std::string said;  // on the terminal, by the last talk
  Result<op::SetUp> set_up(op::SetupOptions options, const std::string& typed = "") {
    std::istringstream in(typed);
    std::ostringstream out;
    op::Interview talk(in, out);
    auto done = op::set_up(std::move(options), talk, clock, post());
    said = out.str();
    return done;
  }
  // Refused with this line, and the board is as it was.
  void refuses(const op::SetupOptions& options, const std::string& line) {
    const auto done = set_up(options);
    REQUIRE_FALSE(done.ok());
    CHECK_MESSAGE(done.error().message.find(line) != std::string::npos, done.error().message);
    CHECK(done.error().message.find('\n') == std::string::npos);
    CHECK_FALSE(fs::exists(paths.device_config()));
    CHECK_FALSE(fs::exists(paths.pending_bundle()));
    CHECK_FALSE(fs::exists(paths.device_settings()));
  }
};

TEST_CASE("a technician answers the questions, and the board is a screen") {
  Site at;
  op::SetupOptions options;
  options.paths = at.paths;
  options.board = kBoard;
  const auto done =
      at.set_up(options, "no\nhttp://enrol.example\nhttps://enrol.example\n" + at.token() +
                             "\n7\nEurope/Nowhere\nEurope/Berlin\noffice\n45\n90\nyes\n\n"
                             "consent of the owner\nA. Person\nyes\n");
  REQUIRE_MESSAGE(done.ok(), (done ? "" : done.error().message));
  CHECK(done->screen == "lobby-1");
  CHECK_FALSE(done->waits_for_link);
  INFO(at.said);
  for (const char* why : {"it begins with https://", "Europe/Nowhere", "0, 90, 180 or 270",
                          "without it nothing may be counted"})
    CHECK_MESSAGE(at.said.find(why) != std::string::npos, why);
  CHECK(*read_device_settings(at.paths) == DeviceSettings{90, "office"});
  CHECK(read_device_identity(at.paths)->screen == "lobby-1");
  CHECK(may_count(at.paths).ok());
  CHECK(read_camera_settings(at.paths)->basis.date == "2026-09-21");
  const auto notes = field_notes_after(at.paths, 0);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].code == "screen-setup");
  CHECK(notes[0].text.find("office") != std::string::npos);
}

TEST_CASE("without anybody to ask, options and defaults set the screen up") {
  Site at;
  const auto done = at.set_up(at.by_token(at.token()));
  REQUIRE_MESSAGE(done.ok(), (done ? "" : done.error().message));
  CHECK(at.said.empty());
  CHECK(*read_device_settings(at.paths) == DeviceSettings{});
  CHECK_FALSE(may_count(at.paths).ok());
}

TEST_CASE("what root enrols belongs to the daemons whose directories it lies in") {
  if (::geteuid() != 0) return;  // nobody else can give anything away
  Site at;
  const auto give = [](const fs::path& directory, uid_t owner) {
    REQUIRE(::chown(directory.c_str(), owner, owner) == 0);
  };
  const auto owner = [](const fs::path& file) {
    struct stat found = {};
    REQUIRE_MESSAGE(::stat(file.c_str(), &found) == 0, file.string());
    return found.st_uid;
  };
  give(at.paths.proof_key().parent_path(), 12'001);
  give(at.paths.tls_key().parent_path().parent_path(), 12'002);
  give(at.paths.offered(), 12'002);
  REQUIRE(at.set_up(at.by_token(at.token())).ok());
  CHECK(owner(at.paths.proof_key()) == 12'001);
  for (const fs::path& file :
       {at.paths.tls_key().parent_path(), at.paths.tls_key(), at.paths.tls_certificate(),
        at.paths.tls_authority(), at.paths.trust(), at.paths.trust() / "1"})
    CHECK_MESSAGE(owner(file) == 12'002, file.string());
  CHECK(owner(at.paths.device_config()) == 0);
}

TEST_CASE("what has no default is named, and nothing is written") {
  Site at;
  auto options = at.by_token("");
  at.refuses(options, "--token is missing");
  options = at.by_token("x");
  options.server.clear();
  at.refuses(options, "--server is missing");
  options = at.by_token("x");
  options.camera = "yes";
  at.refuses(options, "--basis is missing");
  options.unattended = false;
  at.refuses(options, "no answer to \"Area\"; nothing was changed");
  CHECK(at.asked == 0);
}

TEST_CASE("said no to the last question, nothing is written") {
  Site at;
  auto options = at.by_token(at.token());
  options.unattended = false;
  const auto done = at.set_up(options, "\n\n\n\n\nno\n");
  REQUIRE_FALSE(done.ok());
  CHECK_FALSE(fs::exists(at.paths.device_settings()));
  CHECK(at.asked == 0);
}

TEST_CASE("run again it turns the picture and leaves the rest, and who the screen is, as it was") {
  Site at;
  auto first = at.by_token(at.token());
  first.scene = "retail";
  first.camera = "yes";
  first.basis = "consent";
  first.by = "A. Person";
  REQUIRE(at.set_up(first).ok());
  at.clock.advance(3 * kDay);
  auto again = at.by_token("");
  again.server.clear();
  again.rotate = 180;
  const auto done = at.set_up(again);
  REQUIRE_MESSAGE(done.ok(), (done ? "" : done.error().message));
  CHECK(done->screen == "lobby-1");
  CHECK(at.asked == 1);
  CHECK(*read_device_settings(at.paths) == DeviceSettings{180, "retail"});
  CHECK(may_count(at.paths).ok());
  CHECK(read_camera_settings(at.paths)->basis.date ==
        "2026-09-21");  // the basis is as old as it is
}

TEST_CASE("a token of another screen, area or zone is refused, and then serves for its own") {
  Site at;
  const std::string token = at.token();
  auto options = at.by_token(token);
  options.expected.area = 8;
  auto done = at.set_up(options);
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().message ==
        "the token is for area 7, not 8; nothing was changed on this screen");
  options.expected.area = 0;
  options.expected.screen = "lobby-2";
  CHECK_FALSE(at.set_up(options).ok());
  options.expected.screen.clear();
  options.expected.zone = "Asia/Shanghai";
  CHECK_FALSE(at.set_up(options).ok());
  CHECK_FALSE(fs::exists(at.paths.device_config()));
  options.expected.zone = "Europe/Berlin";
  CHECK(at.set_up(options).ok());
}

TEST_CASE("a stick enrols at once where there is a network, and leaves nothing behind") {
  Site at;
  const auto done = at.set_up(at.by_stick(at.stick(kBoard)));
  REQUIRE_MESSAGE(done.ok(), (done ? "" : done.error().message));
  CHECK_FALSE(done->waits_for_link);
  CHECK(read_device_identity(at.paths)->zone == "Europe/Berlin");
  CHECK(op::kept_stick(at.paths).error().code == ErrorCode::not_found);
  CHECK_FALSE(fs::exists(at.paths.awaited()));
}

TEST_CASE(
    "a stick waits for the first link over any number of attempts, root's alone, and is spent "
    "then") {
  Site at;
  at.network = false;
  const auto done = at.set_up(at.by_stick(at.stick()));
  REQUIRE_MESSAGE(done.ok(), (done ? "" : done.error().message));
  CHECK(done->waits_for_link);
  CHECK(done->screen == "lobby-1");
  CHECK_FALSE(fs::exists(at.paths.device_config()));
  CHECK(*read_text(at.paths.awaited()) == "lobby-1\n");
  const auto mode = [](const fs::path& path) {
    return fs::status(path).permissions() & fs::perms::all;
  };
  CHECK(mode(at.paths.pending_bundle().parent_path()) == fs::perms::owner_all);
  CHECK(mode(at.paths.pending_bundle()) == (fs::perms::owner_read | fs::perms::owner_write));
  const std::string key = *read_text(at.paths.proof_key());
  CHECK(op::spend_kept_stick(at.paths, at.post()).error().code == ErrorCode::unavailable);
  at.network = true;
  at.clock.advance(6 * kDay);
  auto screen = op::spend_kept_stick(at.paths, at.post());
  REQUIRE_MESSAGE(screen.ok(), (screen ? "" : screen.error().message));
  CHECK(*screen == "lobby-1");
  CHECK(*read_text(at.paths.proof_key()) == key);  // made at the first attempt, on the board
  CHECK_FALSE(fs::exists(at.paths.awaited()));
}

TEST_CASE(
    "a stick that was followed by a newer token, or lay too long, is over at the first link") {
  Site at;
  at.network = false;
  SUBCASE("a newer token") {
    REQUIRE(at.set_up(at.by_stick(at.stick())).ok());
    (void)at.token();
  }
  SUBCASE("too long") {
    REQUIRE(at.set_up(at.by_stick(at.stick())).ok());
    at.clock.advance(8 * kDay);
  }
  at.network = true;
  CHECK(op::spend_kept_stick(at.paths, at.post()).error().code == ErrorCode::denied);
  CHECK(op::kept_stick(at.paths).error().code == ErrorCode::not_found);
  CHECK_FALSE(fs::exists(at.paths.device_config()));
}

TEST_CASE("a server that is not of the stick's installation is not believed") {
  Site at;
  const auto stick = at.by_stick(at.stick());
  REQUIRE(write_public_key(at.temp / "root.pub", PrivateKey::generate().public_key()));
  const auto done = at.set_up(stick);
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().message.find("another root key than the stick") != std::string::npos);
  CHECK_FALSE(fs::exists(at.paths.device_config()));
}

TEST_CASE("sticks that are not for here are refused with one clear line each") {
  Site at;
  const auto stick = at.stick(kBoard);
  const std::string whole = *read_text(stick.first);
  auto options = at.by_stick(stick);

  // Cut short, on the way or by whoever pulled it.
  REQUIRE(write_atomic(stick.first, std::string_view(whole).substr(0, whole.size() / 2)));
  at.refuses(options, "the stick is refused: the bundle is cut short: copy it again");
  // Altered: a letter of the payload, and of the signature.
  for (const std::size_t place : {whole.size() / 3, whole.size() - 20}) {
    std::string altered = whole;
    altered[place] = altered[place] == 'A' ? 'B' : 'A';
    REQUIRE(write_atomic(stick.first, altered));
    const auto done = at.set_up(options);
    REQUIRE_FALSE(done.ok());
    CHECK_MESSAGE(done.error().message.find("the stick is refused: ") != std::string::npos,
                  done.error().message);
    CHECK_FALSE(fs::exists(at.paths.pending_bundle()));
  }
  REQUIRE(write_atomic(stick.first, whole));
  // Another board's, another screen's.
  options.board = "10000000ffff";
  at.refuses(options, "it is for board " + std::string(kBoard) + ", and this one is 10000000ffff");
  options.board = kBoard;
  options.expected.screen = "lobby-2";
  at.refuses(options, "the stick is for screen lobby-1, not lobby-2");
  options.expected.screen.clear();
  // Of another installation, told by code and by authority.
  Site foreign("foreign");
  options.bundle = foreign.stick().first;
  at.refuses(options, ", not by " + stick.second);
  options.code.clear();
  options.ca_file = at.temp / "ca.pem";
  at.refuses(options, "not by that of " + (at.temp / "ca.pem").string());
  options.bundle = stick.first;
  // Too old.
  at.clock.advance(7 * kDay);
  at.refuses(options, "it ran out on 2026-09-28T14:13:20Z");
  CHECK(at.asked == 0);
  at.clock.advance(-kDay);
  CHECK(at.set_up(options).ok());
}

TEST_CASE("a forged stick of ours, signed by nobody's key under our certificate, is refused") {
  Site at;
  const auto stick = at.stick();
  auto read = read_bundle(*read_text(stick.first));
  REQUIRE(read.ok());
  read->bundle.server = "https://elsewhere.example";
  const std::string payload = bundle_payload(read->bundle);
  const Bytes signature = TlsKey::generate().sign(as_bytes(bundle_signed_text(payload)));
  REQUIRE(write_atomic(stick.first, write_bundle(payload, signature)));
  at.refuses(at.by_stick(stick), "it was altered, its signature does not hold");
}

TEST_CASE("a stick without anything to know it by is asked for its code") {
  Site at;
  auto options = at.by_stick(at.stick());
  options.code.clear();
  at.refuses(options, "--code is missing");
}

}  // namespace
}  // namespace vitrine
