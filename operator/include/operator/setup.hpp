// `vitrine setup`, on the device: from a bare board to a screen that plays, in one talk. What was
// given as an option is not asked; with --yes nothing is, and what has no default is refused by
// name. First all answers, then all writing: settings and camera, each whole or not at all, and
// last who the screen is. Run again it offers what was answered before.
#pragma once

#include <string>

#include "operator/interview.hpp"
#include "operator/stick.hpp"
#include "state/camera.hpp"
#include "state/device_settings.hpp"

namespace vitrine::op {

struct SetupOptions {
  StatePaths paths;
  std::string board;  // state/board.hpp
  // Where it belongs: a token for a server, or a stick.
  std::string server, token;
  fs::path ca_file;
  fs::path bundle;
  std::string code;
  ExpectedScreen expected;
  // How it hangs and what it does; -1 and empty: ask.
  int rotate = -1;
  std::string scene;
  std::string camera;  // "yes", "no"
  std::string basis;   // what allows counting here
  std::string by;      // who answers for it
  bool unattended = false;
};

// What became of it.
struct SetUp {
  std::string screen;
  bool waits_for_link = false;  // a stick, and no network yet
};

Result<SetUp> set_up(SetupOptions options, Interview& talk, const Clock& clock,
                     const HttpsPoster& post = https_post);

}  // namespace vitrine::op
