// A file of the online side as anybody may send it. The first byte chooses kind and format, the
// rest is the file. However it is cut into pieces, the same rows come out of it, each with a line
// of its own, and nothing else.
#include "backflow/online_reader.hpp"
#include "fuzz.hpp"

using namespace vitrine;

namespace {

struct Outcome {
  std::vector<SqlRow> rows;
  std::vector<std::pair<std::int64_t, RowCause>> rejected;
  std::string refused;
  bool operator==(const Outcome&) const = default;
};

Outcome read_file(OnlineKind kind, OnlineFormat format, std::string_view file, std::size_t piece) {
  Outcome outcome;
  std::int64_t line = 0;
  const auto next = [&](std::int64_t at) {
    fuzz::promise(at > line, "rows come in the order of their lines");
    line = at;
  };
  const std::size_t columns = online_table(kind).columns.size();
  OnlineReader reader(kind, format, "file", {{}, 1'796'000'000'000'000, 400},
                      {[&](const OnlineRow& row) {
                         next(row.line);
                         fuzz::promise(row.values.size() == columns,
                                       "a row has a value for each column");
                         fuzz::promise(row.text.size() <= kMostRowBytes, "a row is short");
                         outcome.rows.push_back(row.values);
                         return ok();
                       },
                       [&](const RejectedRow& row) {
                         next(row.line);
                         fuzz::promise(row.text.size() <= kMostRowBytes, "a rejected row is short");
                         outcome.rejected.emplace_back(row.line, row.cause);
                         return ok();
                       }});
  Status done = ok();
  for (std::size_t at = 0; at < file.size() && done; at += piece)
    done = reader.feed(file.substr(at, piece));
  if (done) done = reader.finish();
  if (!done) {
    fuzz::promise_one_line(done.error());
    fuzz::promise(outcome.rows.empty() && outcome.rejected.empty(),
                  "a refused file leaves nothing");
    outcome.refused = done.error().message;
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<OnlineKind>(data[0] & 3);
  const auto format = (data[0] & 4) != 0 ? OnlineFormat::ndjson : OnlineFormat::csv;
  const std::string_view file = fuzz::text_of(data + 1, size - 1);
  const Outcome whole = read_file(kind, format, file, file.size() + 1);
  fuzz::promise(whole == read_file(kind, format, file, 1 + data[0] / 8u),
                "a file's pieces make no difference");
  return 0;
}
