#include "operator/content.hpp"

#include <doctest/doctest.h>

#include "operator/origin.hpp"
#include "platform/crypto.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::op;
using vitrine::testing::TempDirectory;

namespace {

const std::string kTea = "a film about tea";
const std::string kTeaHash = to_hex(sha256(as_bytes(kTea)));

struct Studio {
  TempDirectory directory;
  fs::path files = directory / "files";
  fs::path origin = directory / "origin";

  Studio() {
    REQUIRE(make_directories(files).ok());
    put("tea.mp4", kTea);
  }
  void put(const std::string& name, const std::string& body) {
    REQUIRE(write_atomic(files / name, body).ok());
  }
  Result<FilledDocument> fill(const std::string& json) const {
    auto document = parse_json(json);
    REQUIRE(document.ok());
    return fill_content(*std::move(document), files);
  }
  std::string refusal(const std::string& json) const {
    const auto filled = fill(json);
    return filled.ok() ? "accepted" : filled.error().message;
  }
};

std::string one_creative(const std::string& variants) {
  return R"({"creatives":[{"id":1,"variants":[)" + variants + "]}]}";
}

}  // namespace

TEST_CASE("a file's name becomes its hash, and the file is listed once") {
  const Studio studio;
  const auto filled =
      studio.fill(one_creative(R"({"id":1,"file":"tea.mp4"},{"id":2,"file":"tea.mp4"})"));
  REQUIRE(filled.ok());
  CHECK(write_json(filled->document) ==
        R"({"content":[{"media_type":"video/mp4","path":"content/)" + kTeaHash + R"(","sha256":")" +
            kTeaHash + R"(","size":16}],"creatives":[{"id":1,"variants":[{"content":")" + kTeaHash +
            R"(","id":1},{"content":")" + kTeaHash + R"(","id":2}]}]})");
  REQUIRE(filled->content.size() == 1);
  CHECK(filled->content[0].file == studio.files / "tea.mp4");
  CHECK(filled->content[0].path == "content/" + kTeaHash);
}

TEST_CASE("two names for the same bytes are one entry") {
  Studio studio;
  studio.put("same.mp4", kTea);
  const auto filled =
      studio.fill(one_creative(R"({"id":1,"file":"tea.mp4"},{"id":2,"file":"same.mp4"})"));
  REQUIRE(filled.ok());
  CHECK(filled->content.size() == 1);
  CHECK(filled->document.find("content")->array()->size() == 1);
}

TEST_CASE("a missing file is named with its creative") {
  const Studio studio;
  const auto line = studio.refusal(one_creative(R"({"id":1,"file":"coffee.mp4"})"));
  CHECK(line.find("creative 1: ") == 0);
  CHECK(line.find("coffee.mp4 is no file") != std::string::npos);
}

TEST_CASE("an ending that no screen plays is refused before anything is copied") {
  Studio studio;
  studio.put("tea.exe", "MZ");
  CHECK(studio.refusal(one_creative(R"({"id":1,"file":"tea.exe"})"))
            .find("no ending that screens play") != std::string::npos);
}

TEST_CASE("a variant with both a file and a hash is refused") {
  const Studio studio;
  CHECK(studio.refusal(one_creative(R"({"id":1,"file":"tea.mp4","content":"00"})"))
            .find("found both") != std::string::npos);
}

TEST_CASE("an entry the operator listed is found by its path's last part and must have its hash") {
  const Studio studio;
  const std::string entry = R"({"content":[{"sha256":")" + kTeaHash +
                            R"(","size":16,"media_type":"video/mp4","path":"spring/tea.mp4"}]})";
  const auto filled = studio.fill(entry);
  REQUIRE(filled.ok());
  REQUIRE(filled->content.size() == 1);
  CHECK(filled->content[0].path == "spring/tea.mp4");
  CHECK(write_json(filled->document) == write_json(*parse_json(entry)));

  auto wrong = entry;
  wrong.replace(wrong.find(kTeaHash), 4, "0000");
  CHECK(studio.refusal(wrong).find("the document says") != std::string::npos);
  auto absent = entry;
  absent.replace(absent.find("tea.mp4"), 7, "two.mp4");
  CHECK(studio.refusal(absent).find("is listed but not in") != std::string::npos);
}

TEST_CASE("progress ends at the size of all files, each counted once") {
  Studio studio;
  studio.put("two.png", "12345");
  std::uint64_t done = 0;
  std::uint64_t all = 0;
  auto document = parse_json(one_creative(
      R"({"id":1,"file":"tea.mp4"},{"id":2,"file":"two.png"},{"id":3,"file":"tea.mp4"})"));
  const auto filled =
      fill_content(*document, studio.files, [&](std::uint64_t now, std::uint64_t whole) {
        CHECK(now > done);
        done = now;
        all = whole;
      });
  REQUIRE(filled.ok());
  CHECK(done == 21);
  CHECK(all == 21);
}

TEST_CASE(
    "a document that is no object or whose lists are no lists is left to the schema, or refused") {
  const Studio studio;
  CHECK(studio.refusal("[]") != "accepted");
  CHECK(studio.refusal(R"({"content":3})") != "accepted");
  CHECK(studio.refusal(R"({"creatives":3})") == "accepted");
  CHECK(studio.refusal(R"({"creatives":[3,{"variants":3},{"variants":[3]}]})") == "accepted");
  CHECK(studio.refusal(one_creative(R"({"file":3})")).find("must be a name") != std::string::npos);
}

TEST_CASE("content appears at a directory origin under its path, whole") {
  const Studio studio;
  const LocalContent content{studio.files / "tea.mp4", sha256(as_bytes(kTea)), kTea.size(),
                             "content/" + kTeaHash};
  REQUIRE(put_content({studio.origin, ""}, content).ok());
  CHECK(*read_text(studio.origin / "content" / kTeaHash) == kTea);
  CHECK(list_directory(studio.origin / "content") == std::vector<std::string>{kTeaHash});
}

TEST_CASE("a broken copy at the origin is replaced, a good one left alone") {
  const Studio studio;
  const LocalContent content{studio.files / "tea.mp4", sha256(as_bytes(kTea)), kTea.size(),
                             "content/" + kTeaHash};
  const auto target = studio.origin / content.path;
  REQUIRE(make_directories(target.parent_path()).ok());
  REQUIRE(write_atomic(target, std::string(kTea.size(), 'x')).ok());
  REQUIRE(put_content({studio.origin, ""}, content).ok());
  CHECK(*read_text(target) == kTea);

  REQUIRE(remove_file(content.file).ok());
  CHECK(put_content({studio.origin, ""}, content).ok());
}

TEST_CASE("a file that changed after it was hashed does not reach the origin") {
  Studio studio;
  const LocalContent content{studio.files / "tea.mp4", sha256(as_bytes(kTea)), kTea.size(),
                             "content/" + kTeaHash};
  studio.put("tea.mp4", "a film about dust");
  const auto put = put_content({studio.origin, ""}, content);
  REQUIRE_FALSE(put.ok());
  CHECK(put.error().message.find("changed while it was copied") != std::string::npos);
  CHECK(list_directory(studio.origin / "content").empty());
}
