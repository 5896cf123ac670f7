#include "enrolment.hpp"

#include "platform/log.hpp"
#include "show.hpp"

namespace vitrine {
namespace {

// Never has anything to show.
class UnenrolledProgramme final : public Programme {
 public:
  explicit UnenrolledProgramme(std::function<void()> asked) : asked_(std::move(asked)) {}
  std::optional<PlannedItem> next(Micros) override {
    asked_();
    return std::nullopt;
  }
  void starting(const PlannedItem&) override {}
  void shown(const PlannedItem&, const PlayFigures&) override {}
  void progress(const PlannedItem&, const PlayFigures&) override {}
  void ended(const PlannedItem&, const PlayFigures&) override {}

 private:
  std::function<void()> asked_;
};

}  // namespace

Result<Enrolment> read_enrolment(const StatePaths& paths) {
  auto identity = read_device_identity(paths);
  if (!identity) return std::move(identity).error();
  // Enrolment writes device.toml last: whatever lacks now is damage.
  const auto damage = [](Error error) {
    if (error.code == ErrorCode::not_found) error.code = ErrorCode::corrupt;
    return error;
  };
  auto root_key = read_public_key(paths.root_key());
  if (!root_key) return damage(std::move(root_key).error());
  auto proof_key = read_private_key(paths.proof_key());
  if (!proof_key) return damage(std::move(proof_key).error());
  return Enrolment{std::move(*identity), *root_key, std::move(*proof_key)};
}

std::optional<Enrolment> await_enrolment(const Clock& clock, const StatePaths& paths,
                                         Output& output, const PresenterOptions& options,
                                         const StopSignal& signal) {
  std::optional<Enrolment> found;
  std::string problem;
  Presenter* presenting = nullptr;
  UnenrolledProgramme programme([&] {
    auto enrolled = read_enrolment(paths);
    if (enrolled) {
      found = std::move(*enrolled);
      presenting->request_stop();
    } else if (problem != enrolled.error().message) {
      problem = enrolled.error().message;
      log_warn("this screen is not enrolled: {}; the status picture says what to do", problem);
    }
  });
  Presenter presenter(clock, output, programme, options);
  presenting = &presenter;
  show(presenter, signal);
  if (found) log_info("this screen is enrolled as {}", found->identity.screen);
  return found;
}

}  // namespace vitrine
