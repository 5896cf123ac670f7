// What an operator reads of a document that no screen would take.
#include <doctest/doctest.h>

#include "operator/push.hpp"
#include "platform/file.hpp"
#include "process.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Validation {
  TempDirectory directory;
  std::string file = (directory.path() / "document.json").string();
  int status = 0;

  std::string said(const std::string& document, const std::string& kind) {
    REQUIRE(write_atomic(file, document).ok());
    const auto log = directory.path() / ("log-" + kind);
    status = run({VITRINE_PROGRAM, "validate", file, "--kind", kind}, log);
    const auto text = read_text(log);
    return text ? *text : text.error().message;
  }
};

}  // namespace

TEST_CASE("a refusal names the file, the place, the rule and what it means, in one line") {
  Validation validation;
  CHECK(validation.said(R"({"creatives":[],"content":[],"house":[77]})", "schedule") ==
        validation.file +
            ": schedule: /house/0: names a creative that the schedule does not define, found 77; "
            "the document is refused\n");
  CHECK(validation.status == op::kRefused);
  CHECK(validation.said(R"({"origins":["http://a"]})", "settings") ==
        validation.file +
            ": settings: /origins/0: https://HOST or https://HOST:PORT, found \"http://a\"; the "
            "document is refused\n");
}

TEST_CASE(
    "a schedule that no message carries is pushed by reference; settings of that size are "
    "refused") {
  Validation validation;
  std::string campaigns;
  for (int id = 1; id <= 300; ++id) {
    campaigns += (id > 1 ? "," : "") + std::string(R"({"id":)") + std::to_string(id) +
                 R"(,"advertiser":1,"class":"share","flights":[{"first_day":"2026-11-21",)" +
                 R"("last_day":"2026-11-22","creatives":[{"creative":1}]}]})";
  }
  const std::string hash(64, 'a');
  const std::string document = R"({"creatives":[{"id":1,"variants":[{"id":1,"content":")" + hash +
                               R"("}]}],"content":[{"sha256":")" + hash +
                               R"(","size":1,"media_type":"a/b","path":"p"}],"campaigns":[)" +
                               campaigns + "]}";
  const auto said = validation.said(document, "schedule");
  CAPTURE(said);
  CHECK(said.find("a valid schedule") != std::string::npos);
  CHECK(validation.status == op::kDone);
  std::string settings = R"({"origins":[],"extra":{)";
  for (int i = 0; i < 100; ++i)
    settings += "\"k" + std::to_string(i) + "\":\"" + std::string(900, 'x') + "\",";
  settings.back() = '}';
  CHECK(validation.said(settings + "}", "settings")
            .find("bytes as signed, a message carries at most 65536; the document is refused") !=
        std::string::npos);
  CHECK(validation.status == op::kRefused);
}

TEST_CASE("more than the limit is refused unread; a file that is not there is no verdict") {
  Validation validation;
  CHECK(validation.said(std::string(5 << 20, 'x'), "schedule") ==
        validation.file + ": more than 4194304 bytes; the document is refused\n");
  CHECK(validation.status == op::kRefused);
  const auto log = validation.directory.path() / "log";
  CHECK(run({VITRINE_PROGRAM, "validate", validation.file + "-", "--kind", "schedule"}, log) ==
        op::kRefused);
  CHECK(read_text(log)->find("the document is refused") == std::string::npos);
}
