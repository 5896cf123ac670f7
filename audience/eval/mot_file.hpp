// Boxes in the text format of MOTChallenge: a line "frame,id,x,y,width,height,score,..." each,
// frames counting from 1, pixels; id -1 = not known.
#pragma once

#include <map>
#include <vector>

#include "audience/detector.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct MotBox {
  int id = -1;
  Box box;
};
using MotFrames = std::map<int, std::vector<MotBox>>;

// Lines without a score, or with -1 for one, have score 1. Error: the file is missing, or a line is
// not of that format.
Result<MotFrames> read_mot(const fs::path& path);
// Replaces the file; frames in their order, boxes in theirs.
Status write_mot(const fs::path& path, const MotFrames& frames);

}  // namespace vitrine
