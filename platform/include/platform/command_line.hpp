// A program's command line: options, flags and sub-commands with their help. The only caller of
// CLI11, whose headers cost nine seconds in each file that includes them; names and behaviour are
// its own (https://cliutils.github.io/CLI11).
//
//     cli::App app("Counts passers-by");
//     app.add_option("--line", line, "line to count over")->required();
//     if (const auto code = app.parse(argc, argv)) return *code;
//
// What an option is bound to must outlive parse(). Handles belong to the app and live as long as
// it. A wrong declaration (a name twice) ends the program: it is the programmer's.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/file.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace vitrine::cli {

// Whether a word may stand: "" or why not.
using Refuse = std::function<std::string(const std::string& word)>;
struct Check {
  Refuse refuse;
  std::string shown;  // in the help, behind the option's type
};
Check range(std::int64_t least, std::int64_t most);
Check range_of_reals(double least, double most);
Check one_of(const std::vector<std::string>& words);

class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  Option* required();
  Option* capture_default_str();                  // the help shows the value it has now
  Option* default_str(const std::string& shown);  // the help shows this as its default
  Option* check(const Check& check);
  Option* check(const Refuse& refuse) { return check(Check{refuse, {}}); }
  Option* needs(Option* other);
  Option* excludes(Option* other);
  Option* group(const std::string& heading);  // of the help
  std::size_t count() const;                  // how often it was given
  std::string get_name() const;

 private:
  CLI::Option* option_;
};

class App {
 public:
  explicit App(const std::string& description = {}, const std::string& name = {});
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // "--name", "-n,--name", or "name" for one that is told by its place. `value` is text, a path, an
  // integer, a real number or a list of texts (given again, or several words after one name).
  template <class Value>
  Option* add_option(const std::string& names, Value& value, const std::string& help = {});
  Option* add_flag(const std::string& names, bool& value, const std::string& help = {});

  App* add_subcommand(const std::string& name, const std::string& help = {});
  App* get_subcommand(const std::string& name);
  void require_subcommand(int how_many);
  bool got_subcommand(const std::string& name) const;
  bool parsed() const;  // of a sub-command: it was called

  void set_version_flag(const std::string& names, const std::string& version);
  std::size_t count(const std::string& name) const;

  // nullopt: go on. Otherwise help, version or what was wrong has been printed, and this is what
  // the program exits with: 0 after help and version.
  std::optional<int> parse(int argc, const char* const* argv);
  // The words of one line, which names no program; for orders that come over a socket.
  Status parse_words(const std::string& line);
  // Prints as parse() does what only the program itself finds wrong, and returns its exit code.
  int refuse(const std::string& option, const std::string& why) const;

 private:
  struct Shared;
  App(CLI::App* app, Shared* shared);

  // `take` false: the word is no such value.
  using Take = std::function<bool(const std::string& word)>;
  Option* add(const std::string& names, const std::string& help, const char* type, Take take,
              std::function<std::string()> shown);
  Option* add_list(const std::string& names, const std::string& help,
                   std::vector<std::string>& values);
  static bool read_real(const std::string& word, double& value);
  static std::string show_real(double value);

  std::unique_ptr<Shared> own_;  // of the outermost app
  CLI::App* app_;
  Shared* shared_;
};

template <class Value>
Option* App::add_option(const std::string& names, Value& value, const std::string& help) {
  if constexpr (std::same_as<Value, std::vector<std::string>>) {
    return add_list(names, help, value);
  } else if constexpr (std::same_as<Value, std::string>) {
    return add(
        names, help, "TEXT", [&value](const std::string& word) { return value = word, true; },
        [&value] { return value; });
  } else if constexpr (std::same_as<Value, fs::path>) {
    return add(
        names, help, "TEXT", [&value](const std::string& word) { return value = word, true; },
        [&value] { return value.string(); });
  } else if constexpr (std::floating_point<Value>) {
    return add(
        names, help, "FLOAT",
        [&value](const std::string& word) {
          double read = 0;
          if (!read_real(word, read)) return false;
          value = static_cast<Value>(read);
          return true;
        },
        [&value] { return show_real(static_cast<double>(value)); });
  } else {
    static_assert(std::integral<Value> && !std::same_as<Value, bool>);
    return add(
        names, help, std::signed_integral<Value> ? "INT" : "UINT",
        [&value](const std::string& word) {
          const char* end = word.data() + word.size();
          const auto [stop, error] = std::from_chars(word.data(), end, value);
          return error == std::errc() && stop == end;
        },
        [&value] { return std::to_string(value); });
  }
}

}  // namespace vitrine::cli
