#include "fleet.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <queue>

#include "platform/log.hpp"
#include "protocol/chain.hpp"

namespace vitrine::fleet {
namespace {

// A wait never ends later than this, so that lines come in time.
constexpr Micros kTurn = 20 * kMillisecond;
// Plays handed out between two looks at the network.
constexpr int kMostPlaysATurn = 64;
// A batch this old without an ack is looked at; whether it is sent again is the courier's decision.
constexpr Micros kResendLook = 2 * kSecond;
constexpr std::size_t kSignaturesMeasured = 5000;
constexpr rlim_t kOtherDescriptors = 200;

double seconds(Micros time) {
  return static_cast<double>(time) / static_cast<double>(kSecond);
}

Status need_descriptors(rlim_t count) {
  rlimit limit{};
  (void)::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return ok();
  // Only root may go beyond the hard limit.
  limit = {count, std::max(count, limit.rlim_max)};
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return ok();
  return fail(ErrorCode::exhausted, fmt::format("{} descriptors are needed and this process may "
                                                "not have them (ulimit -n)",
                                                count));
}

double own_cpu_s() {
  const auto cost = process_cost(::getpid());
  return cost ? cost->cpu_s : 0;
}

double measure_signature_us() {
  const auto key = PrivateKey::generate();
  const double before = own_cpu_s();
  for (std::size_t i = 0; i < kSignaturesMeasured; ++i)
    (void)sign_chain(key, screen_name(0), 1, i, Hash256{});
  return (own_cpu_s() - before) * 1e6 / static_cast<double>(kSignaturesMeasured);
}

Costs difference(const Costs& after, const Costs& before) {
  Costs spent = after;
  for (std::size_t i = 0; i < spent.size(); ++i) spent[i].cpu_s -= before[i].cpu_s;
  return spent;
}

}  // namespace

Micros quantile(std::vector<Micros>& values, double share) {
  if (values.empty()) return 0;
  const auto at = std::min(values.size() - 1,
                           static_cast<std::size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

Result<std::unique_ptr<Fleet>> Fleet::open(const Installation& installation, FleetOptions options,
                                           const Clock& clock, const StopSignal& stop) {
  if (options.screens == 0 || options.screens > installation.screens()) {
    return fail(ErrorCode::invalid, fmt::format("--screens {}: {} are prepared", options.screens,
                                                installation.screens()));
  }
  if (options.burst == 0) return fail(ErrorCode::invalid, "--burst 0: one batch at least");
  if (options.speedup <= 0 && options.batches == 0)
    return fail(ErrorCode::invalid, "as fast as acks allow needs --batches for each screen");
  const rlim_t each = options.outboxes.empty() ? 1 : 4;
  if (auto had = need_descriptors(options.screens * each + kOtherDescriptors); !had)
    return std::move(had).error();
  std::unique_ptr<Fleet> fleet(new Fleet(std::move(options), clock, stop));
  auto poller = TransportPoller::open(stop.fd());
  if (!poller) return std::move(poller).error();
  fleet->poller_ = *std::move(poller);
  if (auto made = fleet->make_screens(installation); !made) return std::move(made).error();
  return fleet;
}

Micros Fleet::burst_every() const {
  const auto plays = static_cast<double>(kBatchRows * options_.burst);
  return static_cast<Micros>(static_cast<double>(kPlayEvery) * plays / options_.speedup);
}

// Whole bursts.
std::size_t Fleet::batches_each() const {
  const double bursts =
      options_.batches > 0
          ? std::ceil(static_cast<double>(options_.batches) / static_cast<double>(options_.burst))
          : std::round(options_.seconds / seconds(burst_every()));
  return static_cast<std::size_t>(std::max(1.0, bursts)) * options_.burst;
}

Status Fleet::make_screens(const Installation& installation) {
  summary_.screens = options_.screens;
  summary_.sign_us = measure_signature_us();
  if (!options_.outboxes.empty()) {
    if (auto made = make_directories(options_.outboxes); !made) return made;
  }
  const double before = own_cpu_s();
  for (std::size_t i = 0; i < options_.screens; ++i) {
    const ScreenId name = screen_name(i);
    const Screen::Setup setup{
        installation,
        clock_,
        traffic_,
        options_.outboxes.empty() ? fs::path(":memory:") : options_.outboxes / (name + ".db"),
        options_.host,
        options_.port};
    auto screen = Screen::open(name, setup, batches_each() * kBatchRows);
    if (!screen) return std::move(screen).error();
    (*screen)->on_ack([this](Micros time) {
      ++acked_batches_;
      ack_times_.push_back(time);
      last_ack_ = clock_.boottime();
    });
    poller_->add((*screen)->transport());
    screens_.push_back(*std::move(screen));
  }
  summary_.prepared_rows = options_.screens * batches_each() * kBatchRows;
  summary_.prepare_cpu_s = own_cpu_s() - before;
  return ok();
}

Costs Fleet::costs() const {
  Costs all;
  for (const Watched& watched : options_.watched) {
    ProcessCost& cost = all.emplace_back();
    if (!watched.thread.empty()) {
      cost.cpu_s = thread_cpu_s(watched.pid, watched.thread);
      continue;
    }
    cost = process_cost(watched.pid).value_or(ProcessCost{});
    for (const Watched& other : options_.watched) {
      if (other.pid == watched.pid && !other.thread.empty())
        cost.cpu_s -= thread_cpu_s(other.pid, other.thread);
    }
  }
  all.push_back(process_cost(::getpid()).value_or(ProcessCost{}));
  return all;
}

void Fleet::begin_phase(const char* name) {
  phase_ = name;
  phase_began_ = clock_.boottime();
  next_moment_ = phase_began_ + kSecond;
}

std::int64_t Fleet::batches_waiting() const {
  return played_batches_ - acked_batches_;
}

void Fleet::turn(Micros wait) {
  poller_->poll(std::min(wait, kTurn));
  if (clock_.boottime() < next_moment_) return;
  next_moment_ += kSecond;
  look_after_links();
  tell_moment();
}

// What a device's daemon does many times a second: due attempts, and batches without an ack.
void Fleet::look_after_links() {
  for (std::size_t i = 0; i < started_; ++i) {
    Screen& screen = *screens_[i];
    screen.tick_link();
    if (screen.waits_since() < clock_.boottime() - kResendLook) screen.resend();
  }
}

void Fleet::tell_moment() {
  if (!moment_) return;
  Moment moment;
  moment.phase = phase_;
  moment.at_s = seconds(clock_.boottime() - phase_began_);
  moment.connected = traffic_.connected;
  const auto rows = static_cast<std::int64_t>(kBatchRows);
  moment.played = played_batches_ * rows;
  moment.sent = traffic_.batches * rows;
  moment.acked = acked_batches_ * rows;
  moment.behind_s = seconds(behind_);
  std::vector<Micros> fresh(ack_times_.begin() + static_cast<std::ptrdiff_t>(std::exchange(
                                                     ack_times_told_, ack_times_.size())),
                            ack_times_.end());
  moment.ack_p50 = quantile(fresh, 0.5);
  moment.ack_p95 = quantile(fresh, 0.95);
  moment.costs = costs();
  moment_(moment);
}

Status Fleet::connect() {
  begin_phase("connect");
  const auto wanted = static_cast<std::int64_t>(screens_.size());
  while (traffic_.connected < wanted && !stop_.raised()) {
    const auto under_way = [&] { return traffic_.attempts - traffic_.losses - traffic_.connected; };
    while (started_ < screens_.size() &&
           under_way() < static_cast<std::int64_t>(options_.handshakes))
      screens_[started_++]->tick_link();
    turn(kTurn);
    if (clock_.boottime() - phase_began_ > options_.connect_limit) {
      return fail(ErrorCode::unavailable,
                  fmt::format("{} of {} screens connected within {:.0f} s, {} attempts failed",
                              traffic_.connected, wanted, seconds(options_.connect_limit),
                              traffic_.losses));
    }
  }
  summary_.connect_s = seconds(clock_.boottime() - phase_began_);
  return ok();
}

void Fleet::play(Screen& screen) {
  screen.play(screen.played() + kBatchRows * options_.burst);
  played_batches_ += static_cast<std::int64_t>(options_.burst);
}

// Each screen closes a batch once in a period, the fleet's batches evenly spread over it.
void Fleet::play_by_time() {
  using Due = std::pair<Micros, std::size_t>;  // when, which screen
  std::priority_queue<Due, std::vector<Due>, std::greater<>> dues;
  const Micros every = burst_every();
  for (std::size_t i = 0; i < screens_.size(); ++i) {
    const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(screens_.size());
    dues.emplace(phase_began_ + static_cast<Micros>(share * static_cast<double>(every)), i);
  }
  while (!dues.empty() && !stop_.raised()) {
    const Micros now = clock_.boottime();
    for (int n = 0; n < kMostPlaysATurn && !dues.empty() && dues.top().first <= now; ++n) {
      const auto [due, which] = dues.top();
      dues.pop();
      behind_ = now - due;
      Screen& screen = *screens_[which];
      play(screen);
      if (screen.played() < screen.plays()) dues.emplace(due + every, which);
    }
    if (!dues.empty()) turn(std::max<Micros>(0, dues.top().first - clock_.boottime()));
  }
}

// A fixed number of batches on their way, the screens taking turns.
void Fleet::play_by_acks() {
  const Micros end = phase_began_ + static_cast<Micros>(options_.seconds * kSecond);
  const auto total = static_cast<std::int64_t>(screens_.size() * batches_each());
  const auto may_play = [&] {
    return played_batches_ < total &&
           batches_waiting() < static_cast<std::int64_t>(options_.in_flight);
  };
  std::size_t next = 0;
  while (clock_.boottime() < end && played_batches_ < total && !stop_.raised()) {
    for (int n = 0; n < kMostPlaysATurn && may_play(); ++n) {
      play(*screens_[next]);
      next = (next + 1) % screens_.size();
    }
    turn(may_play() ? 0 : kTurn);
  }
}

void Fleet::drain() {
  const Micros end = clock_.boottime() + options_.drain_limit;
  while (batches_waiting() > 0 && clock_.boottime() < end && !stop_.raised()) turn(kTurn);
}

Result<Summary> Fleet::run() {
  const Costs at_start = costs();
  if (auto connected = connect(); !connected) return std::move(connected).error();
  const Costs at_play = costs();
  summary_.attempts = traffic_.attempts;
  summary_.losses = traffic_.losses;
  summary_.connect_costs = difference(at_play, at_start);
  begin_phase("play");
  last_ack_ = phase_began_;
  if (options_.speedup > 0) {
    play_by_time();
  } else {
    play_by_acks();
  }
  drain();
  tell_moment();
  summary_.play_costs = difference(costs(), at_play);
  summary_.play_s = seconds(last_ack_ - phase_began_);
  const auto rows = static_cast<std::int64_t>(kBatchRows);
  summary_.batches = played_batches_;
  summary_.plays = played_batches_ * rows;
  summary_.acked_plays = acked_batches_ * rows;
  summary_.resent_batches = traffic_.batches - played_batches_;
  summary_.batch_bytes = traffic_.batch_bytes;
  summary_.refused = traffic_.refused;
  summary_.ack_p50 = quantile(ack_times_, 0.5);
  summary_.ack_p95 = quantile(ack_times_, 0.95);
  summary_.ack_p99 = quantile(ack_times_, 0.99);
  for (auto& screen : screens_) screen->leave();
  return summary_;
}

}  // namespace vitrine::fleet
