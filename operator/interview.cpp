#include "operator/interview.hpp"

namespace vitrine::op {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

Result<std::string> Interview::ask(const std::string& question, const std::string& otherwise,
                                   const Refuse& refuse) {
  for (;;) {
    out_ << question;
    if (!otherwise.empty()) out_ << " [" << otherwise << ']';
    out_ << ": " << std::flush;
    std::string answer;
    if (!std::getline(in_, answer)) {
      out_ << '\n';
      return fail(ErrorCode::invalid, "no answer to \"" + question + "\"; nothing was changed");
    }
    answer = trimmed(answer);
    if (answer.empty()) answer = otherwise;
    const std::string why = refuse ? refuse(answer) : "";
    if (why.empty()) return answer;
    out_ << "  " << why << '\n';
  }
}

Result<bool> Interview::yes(const std::string& question, bool otherwise) {
  auto answer = ask(question + " (yes, no)", otherwise ? "yes" : "no", [](const std::string& word) {
    return word == "yes" || word == "y" || word == "no" || word == "n" ? "" : "yes or no";
  });
  if (!answer) return std::move(answer).error();
  return answer->front() == 'y';
}

}  // namespace vitrine::op
