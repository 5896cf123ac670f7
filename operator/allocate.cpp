#include "operator/allocate.hpp"

#include <algorithm>
#include <limits>
#include <thread>

#include "base/time.hpp"
#include "operator/network_folder.hpp"
#include "planner/allocate.hpp"
#include "planner/numbers.hpp"
#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"

namespace vitrine::op {
namespace {

// Documents that are made before they are written: memory stays small however many there are.
constexpr std::size_t kBatch = 1024;

struct Days {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

// All days of all contracts, from `day` on where it is given.
Result<Days> days_of(const AllocateOptions& options, const plan::Network& network) {
  if (network.contracts.empty()) return fail(ErrorCode::invalid, "contracts.csv has no contract");
  Days days{network.contracts.front().first_day, network.contracts.front().last_day};
  for (const auto& contract : network.contracts) {
    days.first = std::min(days.first, contract.first_day);
    days.last = std::max(days.last, contract.last_day);
  }
  if (options.day.empty()) {
    if (options.resolve.empty()) return days;
    return fail(ErrorCode::invalid, "--resolve needs --day: the first day to plan anew");
  }
  auto day = parse_date(options.day);
  if (!day) return std::move(day).error().context("--day");
  if (*day < days.first || *day > days.last) {
    return fail(ErrorCode::invalid, "--day " + options.day + " is no day of any contract");
  }
  days.first = *day;
  if (options.resolve.empty()) days.last = *day;
  return days;
}

class Documents {
 public:
  Documents(const AllocateOptions& options, const plan::NumbersMaker& maker, const PrivateKey& key,
            DocumentHeader header)
      : options_(options), maker_(maker), key_(key), header_(std::move(header)) {}

  // Signs the numbers of `screens` and writes one a line, in this order.
  Status write(const plan::Network& network, const std::vector<std::size_t>& screens) {
    const auto file = options_.out / "numbers.jws";
    const auto part = options_.out / "numbers.jws.part";
    if (auto gone = remove_file(part); !gone) return gone;
    auto out = open_append(part, 0644);
    if (!out) return std::move(out).error();
    for (std::size_t from = 0; from < screens.size(); from += kBatch) {
      const std::size_t until = std::min(from + kBatch, screens.size());
      auto lines = sign(network, screens, from, until);
      if (!lines) return std::move(lines).error();
      if (auto put = write_all(out->get(), as_bytes(*lines), part); !put) return put;
    }
    if (auto synced = sync_data(out->get(), part); !synced) return synced;
    std::error_code error;
    fs::rename(part, file, error);
    if (error) return fail(ErrorCode::unavailable, file.string() + ": " + error.message());
    return sync_directory(options_.out);
  }

 private:
  Result<std::string> sign(const plan::Network& network, const std::vector<std::size_t>& screens,
                           std::size_t from, std::size_t until) {
    const std::size_t parts = std::max(1u, options_.threads);
    std::vector<Result<std::string>> made(parts, std::string());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < parts; ++i) {
      const std::size_t begin = from + (until - from) * i / parts;
      const std::size_t end = from + (until - from) * (i + 1) / parts;
      threads.emplace_back([&, i, begin, end] {
        for (std::size_t at = begin; at < end && made[i]; ++at) {
          auto line = sign_one(network, screens[at]);
          if (line) {
            *made[i] += *line + "\n";
          } else {
            made[i] = std::move(line);
          }
        }
      });
    }
    for (auto& thread : threads) thread.join();
    std::string all;
    for (auto& part : made) {
      if (!part) return part;
      all += *part;
    }
    return all;
  }

  Result<std::string> sign_one(const plan::Network& network, std::size_t screen) const {
    const std::string payload = write_numbers(maker_.of(screen));
    const ScreenId& name = network.screens[screen].screen;
    if (payload.size() > kMaxInlinePayload) {
      return fail(ErrorCode::exhausted,
                  "the numbers of screen " + name + " have " + std::to_string(payload.size()) +
                      " bytes, a message carries at most " + std::to_string(kMaxInlinePayload));
    }
    DocumentHeader header = header_;
    header.audience = {Audience::Kind::screen, name};
    return sign_document(header, payload, key_);
  }

  const AllocateOptions& options_;
  const plan::NumbersMaker& maker_;
  const PrivateKey& key_;
  DocumentHeader header_;
};

std::uint64_t next_version(const plan::IssuedState& state) {
  std::uint64_t last = 0;
  for (const auto& [screen, issued] : state.screens) last = std::max(last, issued.version);
  return last + 1;
}

Result<plan::Resolution> resolution(const AllocateOptions& options, const plan::Network& network,
                                    const plan::IssuedState& state, std::int64_t today) {
  auto text = read_text(options.resolve, std::numeric_limits<std::size_t>::max());
  if (!text) return std::move(text).error();
  auto deliveries = plan::read_deliveries(*text);
  if (!deliveries) return std::move(deliveries).error().context(options.resolve.string());
  auto resolved = plan::resolve(network, state, *deliveries, today);
  if (!resolved) return std::move(resolved).error().context(options.resolve.string());
  return resolved;
}

// What unmoved screens will play by the numbers they keep, less what the plan would have them play.
void add_kept(const plan::Plan& plan, const plan::Resolution& resolved, std::size_t screen,
              PlanReport& report) {
  for (std::size_t i = 0; i < resolved.lines.size(); ++i) {
    const auto& line = resolved.lines[i];
    for (const auto& quota : plan.of_screen(screen)) {
      const auto& planned = plan.lines[quota.line];
      if (planned.campaign != line.campaign || planned.arm != line.arm) continue;
      const auto left = resolved.left_milli[screen].find(line.campaign);
      std::int64_t kept = left == resolved.left_milli[screen].end() ? 0 : left->second;
      for (const std::uint32_t goal : plan.goals(quota)) kept -= goal;
      report.kept_milli[i] += kept;
    }
  }
}

PlanReport report_of(const plan::Plan& plan, const plan::Network& network) {
  PlanReport report;
  report.first_day = plan.first_day;
  report.days = plan.days;
  report.lines = plan.lines;
  report.objective = plan.objective;
  report.bound = plan.bound;
  report.oversold_plays_milli = plan.oversold_plays_milli;
  report.oversold_lines = plan.oversold_lines;
  report.screens = network.screens.size();
  return report;
}

}  // namespace

Result<PlanReport> allocate(const AllocateOptions& options, const Clock& clock) {
  auto key = read_private_key(options.key_file);
  if (!key) return std::move(key).error();
  if (!is_valid_name(options.key_id)) {
    return fail(ErrorCode::invalid,
                "--key-id '" + options.key_id + "' is no name (1 to 64 of a-z, 0-9 and -)");
  }
  auto network = read_network(options.network, options.schedule_version);
  if (!network) return std::move(network).error();
  auto days = days_of(options, *network);
  if (!days) return std::move(days).error();
  if (auto made = make_directories(options.out); !made) return std::move(made).error();
  auto state = read_issued_state(options.out);
  const bool first = !state && state.error().code == ErrorCode::not_found;
  if (!state && (!first || !options.resolve.empty())) return std::move(state).error();
  plan::IssuedState issued = first ? plan::IssuedState{} : *std::move(state);

  plan::Resolution resolved;
  const bool again = !options.resolve.empty();
  if (again) {
    auto made = resolution(options, *network, issued, days->first);
    if (!made) return std::move(made).error();
    resolved = *std::move(made);
    *network = resolved.network;
  } else if (!options.day.empty()) {
    plan::keep_day(*network, days->first);
  }
  auto plan =
      plan::allocate(*network, {days->first, days->last, options.threads, options.precision});
  if (!plan) return std::move(plan).error();

  PlanReport report = report_of(*plan, *network);
  report.version = options.version != 0 ? options.version : next_version(issued);
  report.resolved = again;
  report.history = resolved.lines;
  report.silent = resolved.silent;
  report.unknown = resolved.unknown;
  report.kept_milli.assign(resolved.lines.size(), 0);
  std::vector<std::size_t> screens;
  for (std::size_t i = 0; i < network->screens.size(); ++i) {
    const auto known = issued.screens.find(network->screens[i].screen);
    if (again && known != issued.screens.end() &&
        !plan::has_moved(resolved.left_milli[i], *plan, i)) {
      add_kept(*plan, resolved, i, report);
      continue;
    }
    screens.push_back(i);
    issued.screens[network->screens[i].screen] = plan::issued_of(*plan, i, report.version);
  }
  report.documents = screens.size();
  if (!again) issued.goals = plan::issued_goals(*plan);

  const std::int64_t now_s = clock.realtime() / kSecond;
  DocumentHeader header;
  header.kind = DocumentKind::numbers;
  header.key_id = options.key_id;
  header.version = report.version;
  header.issued_at = now_s;
  header.expires_at =
      options.valid_days == 0 ? 0 : now_s + std::int64_t{options.valid_days} * 86400;
  const plan::NumbersMaker maker(*network, *plan);
  if (auto put = Documents(options, maker, *key, header).write(*network, screens); !put)
    return std::move(put).error();
  if (auto put = write_issued_state(options.out, issued); !put) return std::move(put).error();
  return report;
}

}  // namespace vitrine::op
