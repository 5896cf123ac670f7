#include "player/player_main.hpp"

int main(int argc, char** argv) {
  return vitrine::player_main(argc, argv, nullptr);
}
