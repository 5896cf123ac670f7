#include "nightly.hpp"

#include "network_generator.hpp"
#include "planner/numbers.hpp"
#include "planner/resolve.hpp"

namespace vitrine::bench {

Result<plan::Plan> play_flight(const plan::Network& network, PlayedNetwork& played,
                               const Nightly& options) {
  const std::int64_t last_day = kDay + options.days - 1;
  auto first = plan::allocate(network, {kDay, last_day, options.threads, options.precision});
  if (!first) return std::move(first).error();
  std::map<ScreenId, std::size_t> index;
  plan::IssuedState issued;
  issued.goals = plan::issued_goals(*first);
  {
    const plan::NumbersMaker maker(network, *first);
    for (std::size_t i = 0; i < network.screens.size(); ++i) {
      index[network.screens[i].screen] = i;
      issued.screens[network.screens[i].screen] = plan::issued_of(*first, i, 1);
      played.give(i, maker.of(i));
    }
  }
  played.play_day();
  for (std::int64_t today = kDay + 1; today <= last_day; ++today) {
    if (options.resolve) {
      auto resolved = plan::resolve(network, issued, played.reported(), today);
      if (!resolved) return std::move(resolved).error();
      auto again =
          plan::allocate(resolved->network, {today, last_day, options.threads, options.precision});
      if (!again) return std::move(again).error();
      const plan::NumbersMaker maker(resolved->network, *again);
      for (std::size_t i = 0; i < resolved->network.screens.size(); ++i) {
        if (!plan::has_moved(resolved->left_milli[i], *again, i)) continue;
        const ScreenId& screen = resolved->network.screens[i].screen;
        issued.screens[screen] =
            plan::issued_of(*again, i, static_cast<std::uint64_t>(today - kDay + 1));
        played.give(index.at(screen), maker.of(i));
      }
    }
    played.play_day();
  }
  return first;
}

}  // namespace vitrine::bench
