#include "bodies.hpp"

#include <algorithm>

#include "inbox.hpp"
#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr Micros kFetchBase = kSecond, kFetchCap = kMinute;

bool same_place(const DocumentHeader& a, const DocumentHeader& b) {
  return a.kind == b.kind && a.audience == b.audience;
}

}  // namespace

Bodies::Bodies(fs::path directory, ContentFetch& fetch, const Clock& clock, Jitter jitter)
    : store_(directory),
      directory_(std::move(directory)),
      fetch_(fetch),
      clock_(clock),
      jitter_(std::move(jitter)) {}

std::optional<std::string> Bodies::find(const DocumentReference& reference) const {
  auto text = read_text(store_.path_of(reference.sha256), kMaxReferencedBody);
  if (!text) return std::nullopt;
  return *std::move(text);
}

void Bodies::await(const SignedDocument& document, const DocumentReference& reference) {
  const DocumentHeader& header = document.header;
  for (const Waiting& known : waiting_) {
    if (same_place(known.header, header) && known.header.version >= header.version) return;
  }
  std::erase_if(waiting_, [&](const Waiting& old) { return same_place(old.header, header); });
  waiting_.push_back({header, document.jws, reference, "", 0, 0, false});
}

std::vector<Bodies::Arrival> Bodies::tick(const std::vector<Origin>& origins) {
  std::vector<Arrival> arrived;
  for (const ContentOutcome& outcome : fetch_.finished()) {
    for (Waiting& waiting : waiting_) {
      if (waiting.reference.sha256 != outcome.sha256) continue;
      if (outcome.status) continue;  // found below
      const Error& error = outcome.status.error();
      if (error.code == ErrorCode::unavailable || error.code == ErrorCode::exhausted) {
        if (waiting.error != error.message)
          log_warn("{} waits for its body: {}; keeping what plays", describe(waiting.header),
                   error.message);
        waiting.error = error.message;
        waiting.under_way = false;
        waiting.next_try = clock_.boottime() + jitter_(waiting.tries++, kFetchBase, kFetchCap);
      } else {
        arrived.push_back({waiting, error.context("its body")});
      }
    }
  }
  for (Waiting& waiting : waiting_) {
    if (store_.has(waiting.reference.sha256)) {
      arrived.push_back({waiting, ok()});
    } else if (origins.empty()) {
      waiting.error = "no settings name an origin for its body yet";
    } else if (!waiting.under_way && clock_.boottime() >= waiting.next_try) {
      waiting.under_way = true;
      const DocumentReference& reference = waiting.reference;
      fetch_.want({reference.sha256, reference.size, reference.url, origins});
    }
  }
  for (const Arrival& arrival : arrived) {
    std::erase_if(waiting_, [&](const Waiting& one) { return one.jws == arrival.document.jws; });
  }
  return arrived;
}

void Bodies::overtaken(const DocumentHeader& header) {
  std::erase_if(waiting_, [&](const Waiting& old) {
    return same_place(old.header, header) && old.header.version < header.version;
  });
}

void Bodies::keep(const std::set<Hash256>& named) {
  std::set<Hash256> needed = named;
  for (const Waiting& waiting : waiting_) needed.insert(waiting.reference.sha256);
  fetch_.only(needed);
  for (const std::string& name : list_directory(directory_)) {
    const auto hash = hash_from_hex(name.substr(0, name.find('.')));
    if (!hash || needed.contains(*hash)) continue;
    if (auto removed = remove_file(directory_ / name); !removed)
      log_warn("{}", removed.error().message);
  }
}

}  // namespace vitrine
