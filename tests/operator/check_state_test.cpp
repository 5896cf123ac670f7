// What a screen wrote in a day is whole, and each damage to it has its line.
#include "operator/check_state.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "recorded_day.hpp"

namespace vitrine {
namespace {

using testing::TempDirectory;

// A copy that may be damaged.
struct Copy {
  TempDirectory directory;
  StatePaths paths{directory / "state", directory / "run"};
  Copy() {
    fs::copy(testing::recorded_day().screen.paths.root, paths.root, fs::copy_options::recursive);
  }

  op::StateCheck check() const {
    auto checked = op::check_state(paths);
    REQUIRE(checked.ok());
    return *checked;
  }
  bool says(const std::string& words) const {
    const op::StateCheck checked = check();
    return std::any_of(checked.faults.begin(), checked.faults.end(), [&](const std::string& line) {
      return line.find(words) != std::string::npos;
    });
  }
  void run(const std::string& sql) const {
    auto database = Database::open_owner(paths.plays());
    REQUIRE(database.ok());
    REQUIRE(database->execute(sql).ok());
  }
  fs::path a_creative() const { return paths.content() / list_directory(paths.content()).front(); }
};

TEST_CASE("a directory that is not there cannot be checked, an empty one is intact") {
  const TempDirectory temp;
  CHECK_FALSE(op::check_state({temp / "none", temp / "run"}).ok());
  fs::create_directories(temp / "state");
  auto check = op::check_state({temp / "state", temp / "run"});
  REQUIRE(check.ok());
  CHECK(check->intact());
}

TEST_CASE("what a screen wrote in a day is intact") {
  const op::StateCheck check = Copy().check();
  CHECK_MESSAGE(check.intact(), op::check_state_text(check));
  CHECK(check.plays > 1000);
  CHECK(check.signatures == check.plays);
  CHECK(check.generations == 2);
  CHECK(check.creatives == 13);
}

TEST_CASE("other bytes under a creative's hash are found") {
  const Copy copy;
  REQUIRE(write_atomic(copy.a_creative(), std::string_view("other")).ok());
  CHECK(copy.says("holds other bytes than its name says"));
}

TEST_CASE("a creative that the generation in force names and that is gone is missed") {
  const Copy copy;
  const GenerationStore store(copy.paths);
  auto generation = store.read(store.list().back());
  REQUIRE(generation.ok());
  const auto creative = hash_from_hex(copy.a_creative().filename().string());
  REQUIRE(creative.has_value());
  auto number = GenerationStore(copy.paths).offer(generation->files, {*creative});
  REQUIRE(number.ok());
  auto active = read_active(copy.paths);
  REQUIRE(active.ok());
  active->trying = *number;
  REQUIRE(write_active(copy.paths, *active).ok());
  CHECK(copy.check().intact());
  REQUIRE(remove_file(copy.a_creative()).ok());
  CHECK(copy.says("which is not there"));
}

TEST_CASE("a changed document of a generation is found") {
  const Copy copy;
  const std::uint64_t number = GenerationStore(copy.paths).list().back();
  REQUIRE(write_atomic(copy.paths.offered() / std::to_string(number) / "schedule",
                       std::string_view("other"))
              .ok());
  CHECK_FALSE(copy.check().intact());
}

TEST_CASE("another generation than the one that was confirmed is found") {
  const Copy copy;
  auto active = read_active(copy.paths);
  REQUIRE(active.ok());
  active->confirmed_digest.back() ^= 1;
  REQUIRE(write_active(copy.paths, *active).ok());
  CHECK(copy.says("is not the one that was confirmed"));
}

TEST_CASE("a play log that went back to an older state is found by its mark") {
  const Copy copy;
  copy.run("DELETE FROM play WHERE seq > 3; UPDATE sqlite_sequence SET seq = 3");
  CHECK(copy.says("its end is lost"));
}

TEST_CASE("a changed row of the play log is found") {
  const Copy copy;
  copy.run("UPDATE play SET creative = creative + 1 WHERE seq = 2");
  CHECK(copy.says("breaks the chain"));
}

TEST_CASE("a page of zeros in the play log is found") {
  const Copy copy;
  copy.run("PRAGMA wal_checkpoint(TRUNCATE)");
  FILE* file = std::fopen(copy.paths.plays().c_str(), "r+b");
  REQUIRE(file != nullptr);
  std::fseek(file, 20 * 1024, SEEK_SET);
  const std::array<char, 4096> zeros{};
  std::fwrite(zeros.data(), 1, zeros.size(), file);
  std::fclose(file);
  CHECK_FALSE(copy.check().intact());
}

}  // namespace
}  // namespace vitrine
