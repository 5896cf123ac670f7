// Documents made to hurt: what they cost is bounded, and what is said of them is one line.
#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "sample_documents.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

template <class T>
Error refused(const Result<T>& document) {
  if (document) return fail(ErrorCode::internal, "accepted");
  const auto& line = document.error().message;
  CHECK(line.size() < 1000);
  CHECK(std::none_of(line.begin(), line.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
  return document.error();
}

std::string refusal(const std::string& json) {
  return refused(read_schedule(json)).message;
}
std::string spoiled(const std::string& from, const std::string& to) {
  return refusal(replaced(sample_schedule(), from, to));
}
std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("more than the limit is refused by its size, before anything of it is parsed") {
  const std::string no_json(5 * 1024 * 1024, 'x');
  const auto size_error = [&](const auto& document) {
    const auto error = refused(document);
    return error.code == ErrorCode::exhausted &&
           error.message.find("5242880 bytes, at most ") != std::string::npos;
  };
  CHECK(size_error(read_schedule(no_json)));
  CHECK(size_error(read_numbers(no_json)));
  CHECK(size_error(read_profile(no_json)));
  CHECK(size_error(read_settings(no_json)));
  CHECK(size_error(read_trust(no_json)));
  CHECK(size_error(read_takeover(no_json)));
  CHECK(size_error(read_command(no_json)));
  CHECK(size_error(read_connection(no_json)));
  CHECK(size_error(read_reported(no_json)));
  CHECK(size_error(read_push_reply(no_json)));
  CHECK(size_error(parse_envelope(no_json)));
}

TEST_CASE("the limit itself is parsed") {
  std::string text = R"({"creatives":[],"content":[]})";
  text.resize(kMaxReferencedBody, ' ');
  CHECK(read_schedule(text).ok());
  CHECK(refused(read_schedule(text + " ")).code == ErrorCode::exhausted);
}

TEST_CASE("four million brackets are refused at the 33rd") {
  CHECK(refusal(std::string(kMaxReferencedBody, '[')) ==
        "schedule: not JSON: " + repeated("/0", 32) + ": nested deeper than 32");
}

// Each of two million faults would be an error of its own, and each pair of equal items another.
TEST_CASE("a document with millions of faults costs as little as one with a single fault") {
  const std::string groups = "\"target_groups\":[" + repeated("0,", 500'000) + "0]";
  CHECK(spoiled("\"target_groups\":[0,3]", groups) ==
        "schedule: /campaigns/0/target_groups/1: each may stand once, found 0");
  CHECK(refusal(R"({"campaigns":[)" + repeated("1,", 1'000'000) + "1]}") ==
        "schedule: /campaigns: a list of 0 to 1000 items expected, found a list of 1000001");
  CHECK(spoiled("\"except_days\":[", "\"except_days\":[" + repeated("1,", 390)) ==
        "schedule: /campaigns/0/dayparts/0/except_days/0: a string expected, found 1");
}

TEST_CASE("a name that stands twice is refused with its pointer") {
  CHECK(spoiled("\"id\":41", "\"id\":41,\"id\":42") ==
        "schedule: not JSON: /campaigns/0/id: this name stands twice in its object");
}

TEST_CASE("numbers beyond 32, 53 and 64 bits, fractions and NaN are refused with their pointer") {
  const std::string id = "schedule: /campaigns/0/id: an integer from 1 to 4294967295 expected";
  CHECK(spoiled("\"id\":41", "\"id\":4294967296") == id + ", found 4294967296");
  CHECK(spoiled("\"id\":41", "\"id\":-1") == id + ", found -1");
  CHECK(spoiled("\"id\":41", "\"id\":18446744073709551616") ==
        id + ", found 1.8446744073709552e+19");
  CHECK(spoiled("\"id\":41", "\"id\":41.0") == id + ", found 41.0");
  CHECK(spoiled("\"id\":41", "\"id\":1e999").find("/campaigns/0/id: byte ") != std::string::npos);
  CHECK(spoiled("\"id\":41", "\"id\":NaN").find("/campaigns/0/id: line 1, column ") !=
        std::string::npos);
  CHECK(spoiled("\"id\":41", "\"id\":" + std::string(100'000, '9')).find("a number beyond") !=
        std::string::npos);
}

TEST_CASE("bytes that are no UTF-8 are refused; a NUL in a string is no end of it") {
  CHECK(spoiled("\"demo\"", "\"\xff\xfe\"").find("/label: line 1, column ") != std::string::npos);
  CHECK(spoiled("\"demo\"", "\"\\ud800\"").find("/label: line 1, column ") != std::string::npos);
  CHECK(spoiled("content/" + kHashA, "x\\u0000/../y").find(R"(found "x\u0000/../y")") !=
        std::string::npos);
  CHECK(spoiled("\"name\":\"lifts\"", "\"name\":\"lifts\\u0000\"").find("/sync/name: ") !=
        std::string::npos);
  const auto label = read_schedule(R"({"creatives":[],"content":[],"label":"a\u0000b"})");
  REQUIRE(label.ok());
  CHECK(label->label.size() == 3);
}

TEST_CASE("foreign text in an error is short, quoted and without control characters") {
  const std::string lines = "a\\nb\x7f" + std::string(3000, 'y');
  CHECK(spoiled("\"label\":\"demo\"", "\"" + lines + "\":1")
            .find(R"(unknown member "a\nb\u007fyyy)") != std::string::npos);
  CHECK(spoiled("\"label\":\"demo\"", "\"" + lines + "\":x").find(R"(: /a\nb\u007fyyy)") !=
        std::string::npos);
  CHECK(spoiled("/{token}", "\\n\\r").find(R"(found "https://qr.example\n\r")") !=
        std::string::npos);
  CHECK(spoiled("\"label\":\"demo\"", "\"label\":\"" + std::string(100'000, 'z'))
            .find("not JSON: /") != std::string::npos);
  CHECK(refused(read_settings(R"({"origins":["https://a\nb"]})")).message.find(R"(a\nb)") !=
        std::string::npos);
}

TEST_CASE("the calendar ends with the year 9999") {
  CHECK(read_schedule(replaced(sample_schedule(), "2026-12-31", "9999-12-31")).ok());
  CHECK(spoiled("2026-12-31", "9999-12-32").find("last_day: a date that exists") !=
        std::string::npos);
  CHECK(spoiled("2026-12-31", "10000-01-01").find("/last_day: ") != std::string::npos);
}

TEST_CASE("a list has its most items: a campaign of 1000 flights is refused") {
  const std::string flight =
      R"({"first_day":"2026-11-21","last_day":"2026-11-21","creatives":[{"creative":1}]},)";
  CHECK(spoiled("\"flights\":[", "\"flights\":[" + repeated(flight, 999)) ==
        "schedule: /campaigns/0/flights: a list of 1 to 100 items expected, found a list of 1000");
}
