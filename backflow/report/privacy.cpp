#include "backflow/privacy.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

namespace vitrine {
namespace {

// The table as a graph. Each row, each column, and the row and the column of totals is a sum that
// has to come out, a node; each figure is in one row and one column, an edge. To raise a figure by
// one is to walk along its edge, to lower it is to walk back: a walk that comes home changes
// figures and no sum. So a figure that lies on a hidden way round cannot be known, and the figures
// that are lowered on the way, each of at least k, say how far it may go.
class Figures {
 public:
  Figures(const PersonTable& table, std::int64_t k) : table_(table), k_(k) {
    const std::size_t rows = table.rows.size();
    const std::size_t columns = table.columns.size();
    out_.resize(rows + columns + 2);
    order_.resize(table.cells.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(table.cells[a].row, table.cells[a].column) <
             std::pair(table.cells[b].row, table.cells[b].column);
    });
    const std::size_t row_of_totals = rows;
    const std::size_t column_of_totals = rows + 1 + columns;
    for (const std::size_t i : order_)
      add(rows + 1 + table.cells[i].column, table.cells[i].row, table.cells[i].persons,
          Margin::told);
    for (std::size_t i = 0; i < rows; ++i)
      add(i, column_of_totals, table.rows[i], table.row_totals);
    for (std::size_t i = 0; i < columns; ++i)
      add(row_of_totals, rows + 1 + i, table.columns[i], table.column_totals);
    add(column_of_totals, row_of_totals, table.all, table.total);
  }

  // Hides whatever is few, then what gives it away.
  void hide() {
    find_rounds();
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      const Edge& edge = edges_[i];
      if (!edge.few || root(edge.from) == root(edge.to)) continue;
      if (!hide_way_back(edge)) hide_row(edge.to);
    }
  }

  Hidden hidden() const {
    Hidden hidden;
    hidden.cells.resize(table_.cells.size());
    for (std::size_t i = 0; i < order_.size(); ++i) hidden.cells[order_[i]] = edges_[i].hidden;
    auto edge = edges_.begin() + static_cast<std::ptrdiff_t>(order_.size());
    for (std::size_t i = 0; i < table_.rows.size(); ++i) hidden.rows.push_back(edge++->hidden);
    for (std::size_t i = 0; i < table_.columns.size(); ++i)
      hidden.columns.push_back(edge++->hidden);
    hidden.all = edge->hidden;
    return hidden;
  }

 private:
  struct Edge {
    std::size_t from = 0;  // raising it goes from here
    std::size_t to = 0;    // to there
    std::int64_t persons = 0;
    bool few = false;       // to be protected
    bool hidden = false;    // or untold
    bool may_fall = false;  // by k - 1 and still be 1
    bool fixed = false;     // known whatever comes: zero, or exact
  };
  struct Step {
    std::size_t edge = 0;
    std::size_t to = 0;
    bool up = true;
  };

  void add(std::size_t from, std::size_t to, std::int64_t persons, Margin margin) {
    Edge edge{from, to, persons};
    edge.fixed = margin == Margin::exact || (margin == Margin::told && persons == 0);
    edge.few = margin == Margin::told && persons > 0 && persons < k_;
    edge.hidden = edge.few || margin == Margin::untold;
    // What nobody is told may be anything.
    edge.may_fall = persons >= k_ || margin == Margin::untold;
    out_[from].push_back({edges_.size(), to, true});
    out_[to].push_back({edges_.size(), from, false});
    edges_.push_back(edge);
  }

  bool passable(const Step& step) const {
    const Edge& edge = edges_[step.edge];
    return !edge.fixed && (step.up || edge.may_fall);
  }

  // Which nodes can reach each other both ways over what is hidden: strongly connected components
  // (Kosaraju).
  void find_rounds() {
    const std::size_t nodes = out_.size();
    std::vector<std::size_t> finished;
    std::vector<bool> seen(nodes);
    const auto walk = [&](std::size_t start, bool forward, const auto& done) {
      std::vector<std::pair<std::size_t, std::size_t>> path{{start, 0}};
      seen[start] = true;
      while (!path.empty()) {
        auto& [node, next] = path.back();
        if (next == out_[node].size()) {
          done(node);
          path.pop_back();
          continue;
        }
        Step step = out_[node][next++];
        if (!edges_[step.edge].hidden || seen[step.to]) continue;
        if (!forward) step.up = !step.up;
        if (!passable(step)) continue;
        seen[step.to] = true;
        path.emplace_back(step.to, 0);
      }
    };
    for (std::size_t node = 0; node < nodes; ++node)
      if (!seen[node]) walk(node, true, [&](std::size_t n) { finished.push_back(n); });
    round_.assign(nodes, 0);
    seen.assign(nodes, false);
    for (std::size_t i = nodes; i-- > 0;) {
      const std::size_t first = finished[i];
      if (!seen[first]) walk(first, false, [&](std::size_t n) { round_[n] = first; });
    }
  }

  // The node that stands for all that are known to be on a round with this one.
  std::size_t root(std::size_t node) {
    while (round_[node] != node) node = round_[node] = round_[round_[node]];
    return node;
  }

  // Hides the way with the fewest persons on it from where raising this figure leads back to where
  // it came from (Dijkstra).
  bool hide_way_back(const Edge& figure) {
    constexpr auto kFar = std::numeric_limits<std::int64_t>::max();
    constexpr auto kNone = std::numeric_limits<std::size_t>::max();
    std::vector<std::int64_t> cost(out_.size(), kFar);
    std::vector<std::size_t> by(out_.size(), kNone);
    using Reached = std::pair<std::int64_t, std::size_t>;
    std::priority_queue<Reached, std::vector<Reached>, std::greater<>> next;
    cost[figure.to] = 0;
    next.emplace(0, figure.to);
    while (!next.empty()) {
      const auto [reached, node] = next.top();
      next.pop();
      if (node == figure.from) break;
      if (reached > cost[node]) continue;
      for (const Step& step : out_[node]) {
        if (!passable(step)) continue;
        const Edge& edge = edges_[step.edge];
        const std::int64_t there = reached + (edge.hidden ? 0 : edge.persons);
        if (there >= cost[step.to]) continue;
        cost[step.to] = there;
        by[step.to] = step.edge;
        next.emplace(there, step.to);
      }
    }
    if (cost[figure.from] == kFar) return false;
    for (std::size_t node = figure.from; node != figure.to;) {
      Edge& edge = edges_[by[node]];
      edge.hidden = true;
      round_[root(node)] = root(figure.to);
      node = edge.from == node ? edge.to : edge.from;
    }
    return true;
  }

  void hide_row(std::size_t row) {
    for (const Step& step : out_[row])
      if (!edges_[step.edge].fixed) edges_[step.edge].hidden = true;
  }

  const PersonTable& table_;
  std::int64_t k_;
  std::vector<std::size_t> order_;  // of the cells
  std::vector<Edge> edges_;         // cells in that order, rows, columns, everything
  std::vector<std::vector<Step>> out_;
  std::vector<std::size_t> round_;  // a node nearer to its root (union-find)
};

}  // namespace

std::size_t Hidden::count() const {
  return static_cast<std::size_t>(std::count(cells.begin(), cells.end(), true));
}

Hidden hide_few(const PersonTable& table, std::int64_t k) {
  Figures figures(table, k);
  figures.hide();
  return figures.hidden();
}

std::vector<bool> hide_few(const std::vector<std::int64_t>& persons, std::int64_t k) {
  std::vector<bool> hidden(persons.size());
  std::size_t smallest = persons.size();  // of those that may be told
  bool any = false;
  for (std::size_t i = 0; i < persons.size(); ++i) {
    hidden[i] = persons[i] > 0 && persons[i] < k;
    any = any || hidden[i];
    if (persons[i] >= k && (smallest == persons.size() || persons[i] < persons[smallest]))
      smallest = i;
  }
  if (!any) return hidden;
  if (smallest == persons.size()) return std::vector<bool>(persons.size(), true);
  hidden[smallest] = true;
  return hidden;
}

}  // namespace vitrine
