// A network that needs no training: it looks for upright rectangles that are brighter (or darker)
// than what is around them. Written by the test as Darknet's description and weights, so that the
// way of a real model is walked without one.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "audience/dnn.hpp"
#include "platform/crypto.hpp"

namespace vitrine::testing {

// In pixels of the network's input. A cell is 8 x 8; what is to be found covers at least one cell
// in width and `cells_high` in height.
struct HandSetNetwork {
  int box_width = 20;
  int box_height = 64;
  int cells_high = 7;     // odd, at most 9
  bool bright = true;     // else dark
  double half = 0.7;      // the mean brightness (darkness) at which the score is a half
  int only_channel = -1;  // 0 red, 1 green, 2 blue; -1 = all alike
  double steepness = 30;
};

inline Bytes weights_of(const HandSetNetwork& network) {
  Bytes bytes;
  const auto append = [&bytes](double value) {
    append_le32(bytes, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  };
  for (const std::uint32_t number : {0, 2, 0, 0, 0}) append_le32(bytes, number);  // version, seen
  // One number a cell: its mean brightness.
  append(network.bright ? 0 : 1);
  for (int channel = 0; channel < 3; ++channel) {
    double weight = network.only_channel < 0 ? 1.0 / (3 * 64) : 1.0 / 64;
    if (network.only_channel >= 0 && channel != network.only_channel) weight = 0;
    for (int i = 0; i < 64; ++i) append(network.bright ? weight : -weight);
  }
  // x, y in the cell, width, height: always the middle and the anchor. Object: the mean of a column
  // of cells. Class: sure.
  const double object_bias = -network.steepness * network.half;
  for (const double bias : {0.0, 0.0, 0.0, 0.0, object_bias, 20.0}) append(bias);
  for (int filter = 0; filter < 6; ++filter) {
    for (int row = -4; row <= 4; ++row) {
      for (int column = -4; column <= 4; ++column) {
        const bool in = filter == 4 && column == 0 && std::abs(row) <= network.cells_high / 2;
        append(in ? network.steepness / network.cells_high : 0);
      }
    }
  }
  return bytes;
}

inline std::string description_of(const HandSetNetwork& network) {
  return "[net]\nwidth=320\nheight=256\nchannels=3\n"
         "[convolutional]\nfilters=1\nsize=8\nstride=8\npad=0\nactivation=linear\n"
         "[convolutional]\nfilters=6\nsize=9\nstride=1\npad=1\nactivation=linear\n"
         "[yolo]\nmask=0\nnum=1\nclasses=1\nnms_threshold=0.2\nanchors=" +
         std::to_string(network.box_width) + "," + std::to_string(network.box_height) + "\n";
}

inline ModelFiles write_network(const fs::path& directory, const HandSetNetwork& network = {}) {
  const ModelFiles files{directory / "hand-set.cfg", directory / "hand-set.weights"};
  REQUIRE(write_atomic(files.description, description_of(network)).ok());
  REQUIRE(write_atomic(files.weights, weights_of(network)).ok());
  return files;
}

// What such a model is known by: `cat hand-set.cfg hand-set.weights | sha256sum`.
inline Hash256 hash_of(const HandSetNetwork& network) {
  Sha256 both;
  both.add(as_bytes(description_of(network)));
  both.add(weights_of(network));
  return both.finish();
}

}  // namespace vitrine::testing
