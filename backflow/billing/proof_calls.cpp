#include "billing/proof_calls.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "billing/adjustments.hpp"
#include "billing/day_books.hpp"

namespace vitrine::billing {
namespace {

constexpr std::int64_t kLongestWait = 6 * kHour;
constexpr int kFailuresInARow = 10;

std::string encoded(const std::string& text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' ||
                       byte == '~';
    if (plain) {
      out += letter;
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

// 2500000 with 6 places -> "2.5"; exact.
std::string decimal(std::int64_t value, std::size_t places) {
  std::string digits = std::to_string(value);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  std::string whole = digits.substr(0, digits.size() - places);
  std::string rest = digits.substr(digits.size() - places);
  rest.erase(rest.find_last_not_of('0') + 1);
  return rest.empty() ? whole : whole + "." + rest;
}

std::string play_id(const BilledPlay& play) {
  std::array<char, 20> log_id{};
  std::snprintf(log_id.data(), log_id.size(), "%016llx",
                static_cast<unsigned long long>(play.log_id));
  return play.device + "." + log_id.data() + "." + std::to_string(play.seq);
}

std::int64_t multiplier_milli(const BilledPlay& play, PriceUnit unit) {
  if (unit == PriceUnit::play) return 1000;
  const std::int64_t count = unit == PriceUnit::mille ? play.imp_milli : play.target_imp_milli;
  return count == kAbsent ? 0 : count;
}

std::int64_t wait_after(std::int64_t tries) {
  return std::min(kLongestWait, kMinute << std::min<std::int64_t>(tries - 1, 9));
}

}  // namespace

std::string expand_burl(const std::string& address, const BilledPlay& play, PriceUnit unit) {
  const std::array<std::pair<std::string_view, std::string>, 8> macros = {{
      {"${CAMPAIGN}", std::to_string(play.campaign)},
      {"${CREATIVE}", std::to_string(play.creative)},
      {"${SCREEN}", play.device},
      {"${TIME}", std::to_string(floor_div(play.utc_us, kMillisecond))},
      {"${AUCTION_PRICE}", decimal(play.price_micro, 6)},
      {"${AUCTION_MULTIPLIER}", decimal(multiplier_milli(play, unit), 3)},
      {"${AUCTION_CURRENCY}", play.currency},
      {"${PLAY_ID}", play_id(play)},
  }};
  std::string out;
  bool has_id = false;
  for (std::size_t at = 0; at < address.size();) {
    const auto found = std::find_if(macros.begin(), macros.end(), [&](const auto& macro) {
      return address.compare(at, macro.first.size(), macro.first) == 0;
    });
    if (found == macros.end()) {
      out += address[at++];
      continue;
    }
    out += encoded(found->second);
    at += found->first.size();
    has_id = has_id || found->first == "${PLAY_ID}";
  }
  if (!has_id) {
    const std::size_t mark = out.find('#');
    const std::string id =
        (out.find('?') == std::string::npos ? "?play_id=" : "&play_id=") + encoded(play_id(play));
    out.insert(mark == std::string::npos ? out.size() : mark, id);
  }
  return out;
}

Result<ProofOutbox> ProofOutbox::open(const fs::path& file) {
  auto database = Database::open_owner(file);
  if (!database) return std::move(database).error();
  // A play stays when it is done: that is how it is known.
  auto made = database->execute(
      "CREATE TABLE IF NOT EXISTS call(device TEXT NOT NULL, log_id INTEGER NOT NULL, seq INTEGER "
      "NOT NULL, address TEXT NOT NULL, due_us INTEGER, tries INTEGER NOT NULL DEFAULT 0, status "
      "INTEGER, PRIMARY KEY(device, log_id, seq)) WITHOUT ROWID;"
      "CREATE INDEX IF NOT EXISTS call_due ON call(due_us) WHERE due_us IS NOT NULL;"
      "CREATE TABLE IF NOT EXISTS taken(day INTEGER PRIMARY KEY, hash TEXT NOT NULL);");
  if (!made) return std::move(made).error();
  return ProofOutbox(*std::move(database));
}

Result<std::int64_t> ProofOutbox::take_up(SqlStore& store, const Prices& prices) {
  std::int64_t taken = 0;
  auto days = read_days(store);
  if (!days) return std::move(days).error();
  for (const auto& [number, day] : *days) {
    if (!day.complete || number == 0) continue;
    // A late row leaves the hash of a closed day as it is, and changes what it was made from.
    const std::string hash = to_hex(day.hash) + "." + std::to_string(day.fingerprint);
    auto known = database_.prepare("SELECT 1 FROM taken WHERE day = ? AND hash = ?");
    if (!known) return std::move(known).error();
    known->bind(1, number).bind(2, std::string_view(hash));
    auto found = known->step();
    if (!found) return std::move(found).error();
    known->reset();
    if (*found) continue;
    auto transaction = Transaction::begin(database_);
    if (!transaction) return std::move(transaction).error();
    auto of_day = take_day(store, prices, number);
    if (!of_day) return of_day;
    auto note = database_.prepare("INSERT OR REPLACE INTO taken(day, hash) VALUES(?, ?)");
    if (!note) return std::move(note).error();
    note->bind(1, number).bind(2, std::string_view(hash));
    if (auto noted = note->run(); !noted) return std::move(noted).error();
    if (auto done = transaction->commit(); !done) return std::move(done).error();
    taken += *of_day;
  }
  return taken;
}

Result<std::int64_t> ProofOutbox::take_day(SqlStore& store, const Prices& prices,
                                           std::int64_t day) {
  auto insert = database_.prepare(
      "INSERT INTO call(device, log_id, seq, address, due_us) VALUES(?, ?, ?, ?, 0) ON CONFLICT "
      "DO NOTHING");
  if (!insert) return std::move(insert).error();
  std::int64_t taken = 0;
  auto read = store.query(
      "SELECT * FROM billed_play WHERE day = " + std::to_string(day) + " AND cause = 0",
      [&](const SqlRow& row) -> Status {
        auto play = billed_play_of(row);
        if (!play) return std::move(play).error();
        const auto price = prices.find(play->campaign);
        if (price == prices.end() || price->second.burl.empty()) return ok();
        if (play->price_micro == kAbsent) return ok();
        const std::string address = expand_burl(price->second.burl, *play, price->second.unit);
        insert->bind(1, std::string_view(play->device)).bind(2, column_value(play->log_id));
        insert->bind(3, column_value(play->seq)).bind(4, std::string_view(address));
        if (auto done = insert->run(); !done) return done;
        taken += database_.changes();
        return ok();
      });
  if (!read) return std::move(read).error();
  return taken;
}

Result<FiredCalls> ProofOutbox::fire(const HttpGet& get, std::int64_t now_utc_us,
                                     std::int64_t most) {
  struct Call {
    std::string device;
    std::int64_t log_id, seq;
    std::string address;
    std::int64_t tries;
  };
  std::vector<Call> due;
  auto select = database_.prepare(
      "SELECT device, log_id, seq, address, tries FROM call WHERE due_us <= ? ORDER BY due_us, "
      "device, log_id, seq LIMIT ?");
  if (!select) return std::move(select).error();
  select->bind(1, now_utc_us).bind(2, most);
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) break;
    due.push_back({select->text(0), select->integer(1), select->integer(2), select->text(3),
                   select->integer(4)});
  }
  auto note = database_.prepare(
      "UPDATE call SET due_us = ?, tries = ?, status = ? WHERE device = ? AND log_id = ? AND seq = "
      "?");
  if (!note) return std::move(note).error();
  FiredCalls fired;
  int in_a_row = 0;
  for (const Call& call : due) {
    if (in_a_row == kFailuresInARow) break;
    const auto status = get(call.address);
    const bool done = status && *status >= 200 && *status < 300;
    const std::int64_t tries = call.tries + 1;
    note->bind(1, done ? kAbsent : now_utc_us + wait_after(tries)).bind(2, tries);
    note->bind(3, status ? *status : kAbsent).bind(4, std::string_view(call.device));
    note->bind(5, call.log_id).bind(6, call.seq);
    // Called and not noted is called again: at least once.
    if (auto noted = note->run(); !noted) return std::move(noted).error();
    ++(done ? fired.done : fired.failed);
    in_a_row = done ? 0 : in_a_row + 1;
    if (!done)
      fired.last_failure =
          status ? "the server answered " + std::to_string(*status) : status.error().message;
  }
  auto waiting = database_.scalar("SELECT count(*) FROM call WHERE due_us IS NOT NULL");
  if (!waiting) return std::move(waiting).error();
  fired.waiting = waiting->value_or(0);
  return fired;
}

}  // namespace vitrine::billing
