#include "platform/command_line.hpp"

#include <CLI/CLI.hpp>
#include <deque>

namespace vitrine::cli {

Check range(std::int64_t least, std::int64_t most) {
  const CLI::Range inner(least, most);
  return {inner, inner.get_description()};
}

Check range_of_reals(double least, double most) {
  const CLI::Range inner(least, most);
  return {inner, inner.get_description()};
}

Check one_of(const std::vector<std::string>& words) {
  const CLI::Validator inner = CLI::IsMember(words);
  return {[inner](const std::string& word) {
            std::string copy = word;  // it may be written to, by what we do not use
            return inner(copy);
          },
          inner.get_description()};
}

Option* Option::required() {
  option_->required();
  return this;
}

Option* Option::capture_default_str() {
  option_->capture_default_str();
  return this;
}

Option* Option::default_str(const std::string& shown) {
  option_->default_str(shown);
  return this;
}

Option* Option::check(const Check& check) {
  option_->check(check.refuse, check.shown);
  return this;
}

Option* Option::needs(Option* other) {
  option_->needs(other->option_);
  return this;
}

Option* Option::excludes(Option* other) {
  option_->excludes(other->option_);
  return this;
}

Option* Option::group(const std::string& heading) {
  option_->group(heading);
  return this;
}

std::size_t Option::count() const {
  return option_->count();
}

std::string Option::get_name() const {
  return option_->get_name();
}

struct App::Shared {
  CLI::App app;
  std::deque<Option> options;  // handles must stay where they are
  std::vector<std::unique_ptr<App>> commands;
};

App::App(const std::string& description, const std::string& name)
    : own_(std::make_unique<Shared>()), app_(&own_->app), shared_(own_.get()) {
  app_->description(description);
  app_->name(name);
}

App::App(CLI::App* app, Shared* shared) : app_(app), shared_(shared) {}

App::~App() = default;

Option* App::add(const std::string& names, const std::string& help, const char* type, Take take,
                 std::function<std::string()> shown) {
  CLI::Option* option = app_->add_option(
      names,
      [take = std::move(take)](const CLI::results_t& words) {
        return words.size() == 1 && take(words.front());
      },
      help, false, std::move(shown));
  option->type_name(type);
  return &shared_->options.emplace_back(option);
}

Option* App::add_list(const std::string& names, const std::string& help,
                      std::vector<std::string>& values) {
  return &shared_->options.emplace_back(app_->add_option(names, values, help));
}

bool App::read_real(const std::string& word, double& value) {
  return CLI::detail::lexical_cast(word, value);
}

std::string App::show_real(double value) {
  return CLI::detail::to_string(value);
}

Option* App::add_flag(const std::string& names, bool& value, const std::string& help) {
  return &shared_->options.emplace_back(app_->add_flag(names, value, help));
}

App* App::add_subcommand(const std::string& name, const std::string& help) {
  auto* command = new App(app_->add_subcommand(name, help), shared_);
  shared_->commands.emplace_back(command);
  return command;
}

App* App::get_subcommand(const std::string& name) {
  CLI::App* wanted = app_->get_subcommand(name);
  for (const auto& command : shared_->commands) {
    if (command->app_ == wanted) return command.get();
  }
  return nullptr;
}

void App::require_subcommand(int how_many) {
  app_->require_subcommand(how_many);
}

bool App::got_subcommand(const std::string& name) const {
  return app_->got_subcommand(name);
}

bool App::parsed() const {
  return app_->parsed();
}

void App::set_version_flag(const std::string& names, const std::string& version) {
  app_->set_version_flag(names, version);
}

std::size_t App::count(const std::string& name) const {
  return app_->count(name);
}

std::optional<int> App::parse(int argc, const char* const* argv) {
  try {
    app_->parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return app_->exit(error);
  }
}

Status App::parse_words(const std::string& line) {
  try {
    app_->parse(line);
    return ok();
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::invalid, error.what());
  }
}

int App::refuse(const std::string& option, const std::string& why) const {
  return app_->exit(CLI::ValidationError(option, why));
}

}  // namespace vitrine::cli
