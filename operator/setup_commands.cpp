#include "setup_commands.hpp"

#include <cstdio>
#include <iostream>

#include "state/board.hpp"

namespace vitrine::op {
namespace {

// Where an operator's own image of the board has the authority of his installation.
constexpr const char* kCaOfTheImage = "/etc/vitrine/ca.pem";

}  // namespace

void SetupCommands::add_to(cli::App& app) {
  auto* setup = app.add_subcommand(
      "setup", "on the device: asks what makes this board a screen, and sets it up");
  setup->add_option("--state", options_.paths.root, "state directory")->capture_default_str();
  setup->add_option("--run", options_.paths.run, "run directory")->capture_default_str();
  auto* server =
      setup->add_option("--server", options_.server, "https://HOST:PORT of vitrine-enrol");
  auto* token = setup->add_option("--token", options_.token, "from `vitrine token`");
  setup->add_option("--ca", options_.ca_file,
                    "PEM: the authority of the server, or of the stick; else /etc/vitrine/ca.pem "
                    "where there is one");
  setup->add_option("--bundle", options_.bundle, "instead: a file from `vitrine token --bundle`")
      ->excludes(server)
      ->excludes(token);
  setup->add_option("--code", options_.code, "of --bundle: the code of your installation");
  setup->add_option("--screen", options_.expected.screen, "refuse whatever is for another screen");
  setup->add_option("--area", options_.expected.area, "the same for its area");
  setup->add_option("--zone", options_.expected.zone, "the same for its time zone");
  setup->add_option("--scene", options_.scene)
      ->check(cli::one_of({"community", "office", "transit", "retail", "services"}));
  setup
      ->add_option("--rotate", options_.rotate,
                   "degrees clockwise by which the display hangs turned")
      ->check(cli::one_of({"0", "90", "180", "270"}));
  setup->add_option("--camera", options_.camera, "whether people are counted here")
      ->check(cli::one_of({"yes", "no"}));
  setup->add_option("--basis", options_.basis, "of --camera yes: what allows it");
  setup->add_option("--by", options_.by, "who answers for that");
  setup->add_flag("--yes", options_.unattended, "ask nothing; what is not given is at its default");
}

int SetupCommands::run(const Clock& clock) const {
  SetupOptions options = options_;
  options.board = board_id();
  std::error_code error;
  if (options.ca_file.empty() && fs::exists(kCaOfTheImage, error)) options.ca_file = kCaOfTheImage;
  Interview talk(std::cin, std::cout);
  auto done = set_up(std::move(options), talk, clock);
  if (!done) {
    std::fprintf(stderr, "vitrine setup: %s\n", done.error().message.c_str());
    return 1;
  }
  if (done->waits_for_link) {
    std::printf("this screen will be %s at its first link; nothing more is to do here\n",
                done->screen.c_str());
  } else {
    std::printf("this screen is %s\n", done->screen.c_str());
  }
  return 0;
}

}  // namespace vitrine::op
