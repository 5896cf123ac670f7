#include "operator/billing_text.hpp"

#include <spdlog/fmt/fmt.h>

#include "base/time.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {
namespace {

std::string date_of(std::int64_t day) {
  return format_utc(day * (kDay / kSecond)).substr(0, 10);
}

std::string days(const std::vector<std::int64_t>& all) {
  std::string text;
  for (const std::int64_t day : all)
    text += (text.empty() ? "" : ", ") + (day == 0 ? "no day" : date_of(day));
  return text;
}

std::string causes(const std::map<Reason, std::int64_t>& by_cause) {
  std::string text;
  for (const auto& [cause, count] : by_cause) {
    if (cause == Reason::none) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name_of(cause), count);
  }
  return text.empty() ? "none" : text;
}

std::int64_t billable(const std::map<Reason, std::int64_t>& by_cause) {
  const auto found = by_cause.find(Reason::none);
  return found == by_cause.end() ? 0 : found->second;
}

}  // namespace

std::string outcome_text(const BillingOutcome& outcome) {
  std::string text = fmt::format("{} plays: {} billable, rejected: {}\n", outcome.rows,
                                 outcome.billable(), causes(outcome.by_cause));
  text += outcome.written.empty() ? "no day has news\n"
                                  : "billed anew: " + days(outcome.written) + "\n";
  if (!outcome.closed.empty()) text += "closed: " + days(outcome.closed) + "\n";
  if (outcome.adjustments != 0)
    text += fmt::format("{} adjustments to closed days, for the next statements\n",
                        outcome.adjustments);
  if (outcome.unknown_time != 0)
    text += fmt::format("{} plays belong to no day until a time fix of their boot comes\n",
                        outcome.unknown_time);
  if (outcome.repeated != 0)
    text += fmt::format("{} rows stand in the store more than once; each counts once\n",
                        outcome.repeated);
  if (outcome.implausible != 0)
    text += fmt::format("{} exposure rows name more people than can be; left out\n",
                        outcome.implausible);
  if (outcome.unvalued != 0)
    text += fmt::format("{} plays would cost more than can be counted; billed at 0\n",
                        outcome.unvalued);
  for (const ScreenId& screen : outcome.unknown_screens)
    text += "screen " + screen + " is not in the registry: area 0, UTC\n";
  for (const std::string& line : outcome.missing) text += line + "\n";
  if (!outcome.waiting.empty())
    text += "not closed for lack of documents: " + days(outcome.waiting) + "\n";
  return text;
}

std::string reconciliation_text(const Reconciliation& books) {
  std::string text = fmt::format(
      "{} plays stored = {} billable + {} rejected ({}); {} conflicts; {} days closed, {} open\n",
      books.stored, billable(books.by_cause), books.billed - billable(books.by_cause),
      causes(books.by_cause), books.conflicts, books.closed_days, books.open_days);
  for (const std::string& fault : books.faults) text += fault + "\n";
  return text + (books.holds() ? "reconcile: holds\n" : "reconcile: does not hold\n");
}

std::string round_text(const ProofRound& round) {
  std::string text = fmt::format("{} plays taken up; {} calls answered, {} failed, {} waiting\n",
                                 round.taken, round.done, round.failed, round.waiting);
  if (!round.last_failure.empty())
    text += "the last failure: " + round.last_failure + "; it is tried again\n";
  return text;
}

std::string statement_text(const BillStatement& statement) {
  // The text stands in it as it was hashed: as a string.
  return write_json(Json::Object{{"statement", statement.json},
                                 {"sha256", statement.sha256},
                                 {"key_id", statement.key_id},
                                 {"signature", statement.signature}}) +
         "\n";
}

}  // namespace vitrine::op
