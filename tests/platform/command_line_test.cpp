#include "platform/command_line.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace vitrine;

namespace {

struct Values {
  std::string text = "before";
  fs::path path;
  int number = 7;
  std::uint64_t large = 0;
  double real = 0.5;
  std::vector<std::string> list;
  bool flag = false;
};

// What parse() answers to these words; a value that was not named is as it was.
std::optional<int> parsed(Values& values, std::initializer_list<const char*> words) {
  cli::App app("for a test");
  app.add_option("place", values.path);
  app.add_option("--text", values.text)->check(cli::one_of({"before", "a", "b"}));
  app.add_option("--number", values.number)->check(cli::range(-5, 70'000));
  app.add_option("--large", values.large);
  app.add_option("--real", values.real)->check(cli::range_of_reals(0.25, 2));
  app.add_option("--list", values.list);
  app.add_flag("--flag", values.flag);
  std::vector<const char*> whole{"program"};
  whole.insert(whole.end(), words.begin(), words.end());
  return app.parse(static_cast<int>(whole.size()), whole.data());
}

}  // namespace

TEST_CASE("options of every kind are read into what they are bound to") {
  Values values;
  CHECK_FALSE(parsed(
      values, {"/some/where", "--text", "b", "--number", "-5", "--large", "18446744073709551615",
               "--real", "1.25", "--list", "x", "--list", "y", "--flag"}));
  CHECK(values.path == "/some/where");
  CHECK(values.text == "b");
  CHECK(values.number == -5);
  CHECK(values.large == 18446744073709551615u);
  CHECK(values.real == 1.25);
  CHECK(values.list == std::vector<std::string>{"x", "y"});
  CHECK(values.flag);
}

TEST_CASE("what is not named keeps its value") {
  Values values;
  CHECK_FALSE(parsed(values, {}));
  CHECK(values.text == "before");
  CHECK(values.number == 7);
  CHECK(values.real == 0.5);
  CHECK_FALSE(values.flag);
}

TEST_CASE("a word that is no such value, or not among those allowed, ends the program") {
  for (const auto& words : std::initializer_list<std::initializer_list<const char*>>{
           {"--text", "c"},
           {"--number", "seven"},
           {"--number", "7x"},
           {"--number", "70001"},
           {"--number", "99999999999999999999"},
           {"--number", ""},
           {"--large", "-1"},
           {"--large", "18446744073709551616"},
           {"--real", "3"},
           {"--real", "half"},
           {"--number"},
           {"--number", "1", "--number", "2"},
           {"--unknown"},
           {"one", "two"}}) {
    Values values;
    const auto code = parsed(values, words);
    REQUIRE(code.has_value());
    CHECK(*code != 0);
  }
}

TEST_CASE("help and version end the program well") {
  Values values;
  CHECK(parsed(values, {"--help"}) == 0);
  cli::App app;
  app.set_version_flag("--version", "3");
  const char* words[] = {"program", "--version"};
  CHECK(app.parse(2, words) == 0);
}

TEST_CASE("one sub-command has to be called, with options that are its own") {
  const auto run = [](std::vector<const char*> words, int& count) {
    cli::App app;
    app.require_subcommand(1);
    auto* add = app.add_subcommand("add");
    add->add_option("--count", count)->required();
    app.add_subcommand("show");
    words.insert(words.begin(), "program");
    const auto code = app.parse(static_cast<int>(words.size()), words.data());
    if (code) return std::string("ended");
    CHECK(app.get_subcommand("add") == add);
    CHECK(app.got_subcommand("add") == add->parsed());
    CHECK(app.got_subcommand("add") != app.got_subcommand("show"));
    return std::string(add->parsed() ? "add" : "show");
  };
  int count = 0;
  CHECK(run({"add", "--count", "3"}, count) == "add");
  CHECK(count == 3);
  CHECK(run({"show"}, count) == "show");
  CHECK(run({"add"}, count) == "ended");
  CHECK(run({}, count) == "ended");
  CHECK(run({"show", "--count", "3"}, count) == "ended");
}

TEST_CASE("one option may need another, or rule it out") {
  const auto run = [](std::vector<const char*> words) {
    cli::App app;
    std::string file, size;
    bool whole = false;
    auto* of_file = app.add_option("--file", file);
    auto* of_size = app.add_option("--size", size)->needs(of_file);
    app.add_flag("--whole", whole)->excludes(of_size);
    words.insert(words.begin(), "program");
    const bool ended = app.parse(static_cast<int>(words.size()), words.data()).has_value();
    CHECK(ended == (of_size->count() > 0 && (of_file->count() == 0 || whole)));
    return ended;
  };
  CHECK_FALSE(run({"--file", "a", "--size", "1"}));
  CHECK_FALSE(run({"--whole"}));
  CHECK(run({"--size", "1"}));
  CHECK(run({"--file", "a", "--size", "1", "--whole"}));
}

TEST_CASE("an order of one line is read without a program's name") {
  cli::App app;
  int rate = 0;
  app.add_option("--rate", rate);
  CHECK(app.parse_words("--rate 5").ok());
  CHECK(rate == 5);
  const auto refused = app.parse_words("--speed 5");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("--speed") != std::string::npos);
}
