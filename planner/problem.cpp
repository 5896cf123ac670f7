#include "problem.hpp"

#include <algorithm>
#include <set>

#include "base/math.hpp"
#include "open_time.hpp"
#include "protocol/impressions.hpp"

namespace vitrine::plan {
namespace {

constexpr double kMilli = 1000;
constexpr std::int64_t kHourMs = 3'600'000;

// The usual length of a play, for opportunities to see: the mean over the creatives of all flights.
std::int64_t play_ms(const Schedule& schedule, const Campaign& campaign) {
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (const Flight& flight : campaign.flights) {
    for (const WeightedCreative& entry : flight.creatives) {
      const Creative* creative = schedule.creative(entry.creative);
      if (creative == nullptr || creative->length_ms == 0) continue;
      sum += std::int64_t{creative->length_ms} * entry.weight;
      weights += entry.weight;
    }
  }
  return weights == 0 ? 0 : sum / weights;
}

class Maker {
 public:
  Maker(const Network& network, const AllocateOptions& options) : network_(network) {
    made_.first_day = options.first_day;
    made_.days = options.last_day - options.first_day + 1;
  }

  Problem make() {
    for (const AreaArm& entry : network_.arms) {
      arms_[entry.campaign][entry.area] = entry.arm;
    }
    make_lines();
    make_competitors();
    make_groups();
    measure();
    share_goals();
    return std::move(made_);
  }

 private:
  void make_lines() {
    contracts_ = network_.contracts;
    std::sort(contracts_.begin(), contracts_.end(),
              [](const Contract& a, const Contract& b) { return a.campaign < b.campaign; });
    for (std::size_t i = 0; i < contracts_.size(); ++i) {
      const Campaign& campaign = *network_.schedule.campaign(contracts_[i].campaign);
      const ValueKind kind{campaign.currency, play_ms(network_.schedule, campaign),
                           campaign.target_groups};
      const auto known = std::find(made_.kinds.begin(), made_.kinds.end(), kind);
      const auto at = static_cast<std::size_t>(known - made_.kinds.begin());
      if (known == made_.kinds.end()) made_.kinds.push_back(kind);
      std::set<Arm> arms = {Arm::none};
      if (const auto found = arms_.find(campaign.id); found != arms_.end()) {
        for (const auto& [area, arm] : found->second) arms.insert(arm);
      }
      first_line_.push_back(made_.lines.size());
      for (const Arm arm : arms) {
        Line line;
        line.campaign = campaign.id;
        line.arm = arm;
        line.impressions = contracts_[i].unit == GoalUnit::impressions;
        line.kind = at;
        const auto caps = {campaign.max_plays_day, campaign.rules.daily_cap};
        for (const std::uint32_t cap : caps) {
          if (cap != 0 && (line.day_cap == 0 || cap < line.day_cap)) line.day_cap = cap;
        }
        made_.lines.push_back(line);
      }
    }
    first_line_.push_back(made_.lines.size());
  }

  void make_competitors() {
    const auto excludes = [](const Campaign& a, const Campaign& b) {
      const auto& list = a.rules.exclude_categories;
      return !b.category.empty() && std::find(list.begin(), list.end(), b.category) != list.end();
    };
    for (std::size_t i = 0; i < made_.lines.size(); ++i) {
      for (std::size_t j = 0; j < made_.lines.size(); ++j) {
        if (made_.lines[i].campaign == made_.lines[j].campaign) continue;
        const Campaign& a = *network_.schedule.campaign(made_.lines[i].campaign);
        const Campaign& b = *network_.schedule.campaign(made_.lines[j].campaign);
        if (excludes(a, b) || excludes(b, a)) {
          made_.lines[i].competitors.push_back(static_cast<std::uint32_t>(j));
        }
      }
    }
  }

  void make_groups() {
    std::map<AreaId, std::size_t> pattern_of_area;
    std::map<std::vector<Arm>, std::size_t> patterns;
    std::map<std::tuple<AreaId, int, int, std::uint32_t>, std::size_t> groups;
    for (std::size_t i = 0; i < network_.screens.size(); ++i) {
      const PlannedScreen& screen = network_.screens[i];
      const auto key =
          std::make_tuple(screen.area, screen.from_hour, screen.until_hour, screen.slot_ms);
      const auto [found, fresh] = groups.try_emplace(key, made_.groups.size());
      if (fresh) {
        const auto area = pattern_of_area.find(screen.area);
        std::size_t pattern = 0;
        if (area != pattern_of_area.end()) {
          pattern = area->second;
        } else {
          const auto arms = arms_of(screen.area);
          const auto [at, unseen] = patterns.try_emplace(arms, made_.offers.size());
          if (unseen) made_.offers.push_back(offers_of(arms));
          pattern = at->second;
          pattern_of_area[screen.area] = pattern;
        }
        Group group;
        group.profile = &network_.profiles.at(screen.area);
        group.pattern = pattern;
        group.from_hour = screen.from_hour;
        group.until_hour = screen.until_hour;
        group.slot_ms = screen.slot_ms;
        group.slots = static_cast<double>(kHourMs / screen.slot_ms);
        made_.groups.push_back(group);
      }
      made_.groups[found->second].screens.push_back(static_cast<std::uint32_t>(i));
    }
    // In the order of their keys, whatever order the screens came in.
    std::vector<Group> ordered;
    for (const auto& [key, at] : groups) ordered.push_back(std::move(made_.groups[at]));
    for (Group& group : ordered) {
      std::sort(group.screens.begin(), group.screens.end(), [&](std::uint32_t a, std::uint32_t b) {
        return network_.screens[a].screen < network_.screens[b].screen;
      });
    }
    made_.groups = std::move(ordered);
  }

  std::vector<Arm> arms_of(AreaId area) const {
    std::vector<Arm> arms;
    for (const Contract& contract : contracts_) {
      arms.push_back(Arm::none);
      const auto campaign = arms_.find(contract.campaign);
      if (campaign == arms_.end()) continue;
      const auto found = campaign->second.find(area);
      if (found != campaign->second.end()) arms.back() = found->second;
    }
    return arms;
  }

  std::vector<std::vector<Offer>> offers_of(const std::vector<Arm>& arms) const {
    std::vector<std::vector<Offer>> offers(static_cast<std::size_t>(made_.days) * 24);
    for (std::size_t i = 0; i < contracts_.size(); ++i) {
      std::size_t at = first_line_[i];
      while (made_.lines[at].arm != arms[i]) ++at;
      const Campaign& campaign = *network_.schedule.campaign(contracts_[i].campaign);
      for (std::int64_t day = 0; day < made_.days; ++day) {
        const std::int64_t date = made_.first_day + day;
        if (date < contracts_[i].first_day || date > contracts_[i].last_day) continue;
        for (int hour = 0; hour < 24; ++hour) {
          const double cap = hour_cap(campaign, open_minutes(campaign, date, hour));
          if (cap <= 0) continue;
          offers[static_cast<std::size_t>(day * 24 + hour)].push_back(
              {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(made_.lines[at].kind),
               cap});
        }
      }
    }
    return offers;
  }

  // Plays of an hour of which `minutes` are open; the slots are another limit. In thousandths, so
  // that a separation of 50 minutes still allows its 1.2.
  static double hour_cap(const Campaign& campaign, int minutes) {
    std::int64_t most = std::int64_t{minutes} * 60'000;  // no slot is below a second
    if (campaign.rules.separation_s != 0) most /= campaign.rules.separation_s;
    if (campaign.rules.hourly_cap != 0) {
      most = std::min(most, std::int64_t{campaign.rules.hourly_cap} * 1000);
    }
    return static_cast<double>(most) / kMilli;
  }

  // Sums over the whole network: how dear plays are, and how much each line could have.
  void measure() {
    made_.most.assign(made_.lines.size(), 0);
    std::vector<double> values;
    double sum = 0;
    double weight = 0;
    for (std::size_t unit = 0; unit < made_.units(); ++unit) {
      const Group& group = made_.group_of(unit);
      std::vector<double> had_plays(made_.lines.size(), 0);
      for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
        const auto& offers = made_.offers_of(unit, hour);
        values_of(made_, group, made_.day_of(unit), hour, values);
        for (const Offer& offer : offers) {
          const double value = values[offer.kind];
          const Line& line = made_.lines[offer.line];
          double room = std::min(offer.cap, group.slots);
          if (line.day_cap != 0 && !line.impressions) {
            room = std::min(room, line.day_cap - had_plays[offer.line]);
            had_plays[offer.line] += room;
          }
          const double plays = room * group.count();
          made_.dearest = std::max(made_.dearest, value);
          sum += value * group.count();
          weight += group.count();
          made_.most[offer.line] += line.impressions ? plays * value : plays;
        }
      }
    }
    made_.usual = weight > 0 ? sum / weight : 0;
    made_.dearest = std::max(made_.dearest, 1.0);
    made_.usual = std::max(made_.usual, made_.dearest * 1e-6);
  }

  // A contract's goal over its arms by the room they have; the control arm's beside it, alike.
  void share_goals() {
    for (std::size_t i = 0; i < contracts_.size(); ++i) {
      double room = 0;
      for (std::size_t at = first_line_[i]; at < first_line_[i + 1]; ++at) {
        if (made_.lines[at].arm != Arm::control) room += made_.most[at];
      }
      const Campaign& campaign = *network_.schedule.campaign(contracts_[i].campaign);
      const std::int64_t milli = contracts_[i].unit == GoalUnit::impressions ? 1000 : 1;
      std::int64_t left = contracts_[i].goal * milli;
      Line* last = nullptr;
      for (std::size_t at = first_line_[i]; at < first_line_[i + 1]; ++at) {
        Line& line = made_.lines[at];
        const double part = room > 0 ? made_.most[at] / room : 0;
        const auto whole =
            static_cast<std::int64_t>(static_cast<double>(contracts_[i].goal * milli) * part);
        line.goal = static_cast<double>(line.arm == Arm::control ? whole : std::min(whole, left));
        line.loss = loss_of(campaign.klass, line);
        if (line.arm == Arm::control) continue;
        left -= static_cast<std::int64_t>(line.goal);
        if (made_.most[at] > 0 || last == nullptr) last = &line;
      }
      // What the divisions cut off, and what nobody has room for.
      if (last != nullptr) last->goal += static_cast<double>(left);
    }
    for (const ArmGoal& known : network_.arm_goals) {
      for (Line& line : made_.lines) {
        if (line.campaign != known.campaign || line.arm != known.arm) continue;
        line.goal = static_cast<double>(known.goal_milli) / (line.impressions ? 1 : kMilli);
      }
    }
  }

  double loss_of(CampaignClass klass, const Line& line) const {
    double loss = 0;
    if (klass == CampaignClass::guaranteed) {
      loss = made_.dearest * static_cast<double>(made_.lines.size() + 2);
    } else if (klass == CampaignClass::share) {
      loss = made_.dearest;
    }
    // The unit of such a line is an impression, of which a usual play has `usual`.
    return line.impressions ? loss / made_.usual : loss;
  }

  const Network& network_;
  Problem made_;
  std::vector<Contract> contracts_;      // by campaign
  std::vector<std::size_t> first_line_;  // of each contract, and one more
  std::map<CampaignId, std::map<AreaId, Arm>> arms_;
};

}  // namespace

Problem make_problem(const Network& network, const AllocateOptions& options) {
  return Maker(network, options).make();
}

void values_of(const Problem& problem, const Group& group, std::int64_t day, int hour,
               std::vector<double>& out) {
  const std::int64_t monday_based = day + 3;  // 1970-01-01 was a Thursday
  const std::int64_t weekday = monday_based - floor_div(monday_based, 7) * 7;
  const auto& profile_hour = group.profile->hours[static_cast<std::size_t>(weekday * 24 + hour)];
  const std::int64_t avg = avg_milli(profile_hour);
  out.resize(problem.kinds.size());
  for (std::size_t i = 0; i < problem.kinds.size(); ++i) {
    const ValueKind& kind = problem.kinds[i];
    const std::int64_t imp =
        kind.currency == Currency::avg
            ? avg
            : ots_milli(profile_hour, kind.play_ms == 0 ? group.slot_ms : kind.play_ms);
    out[i] = static_cast<double>(target_imp_milli(imp, target_share(profile_hour, kind.groups)));
  }
}

}  // namespace vitrine::plan
