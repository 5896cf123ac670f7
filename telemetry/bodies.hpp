// Bodies of documents that were signed by reference: fetched from the settings' origins, kept below
// their hash while a document in hand names them. A document waits here, unheld, until its body has
// come. One thread; nothing waits.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fetch.hpp"
#include "mqtt/transport.hpp"
#include "platform/clock.hpp"
#include "protocol/envelope.hpp"
#include "state/content_store.hpp"

namespace vitrine {

class Bodies {
 public:
  using Jitter = std::function<Micros(int attempt, Micros base, Micros cap)>;
  // `fetch` brings into `directory` and serves nobody else.
  Bodies(fs::path directory, ContentFetch& fetch, const Clock& clock,
         Jitter jitter = backoff_with_jitter);

  // nullopt: not here. Its hash is not looked at again: put_body() does.
  std::optional<std::string> find(const DocumentReference& reference) const;

  struct Waiting {
    DocumentHeader header;
    std::string jws;
    DocumentReference reference;
    std::string error;  // what it waits for
    int tries = 0;
    Micros next_try = 0;
    bool under_way = false;
  };
  // An earlier version of the same kind and audience gives way.
  void await(const SignedDocument& document, const DocumentReference& reference);
  const std::vector<Waiting>& waiting() const { return waiting_; }

  struct Arrival {
    Waiting document;
    Status status = ok();  // or why the body will not come
  };
  // Asks for what is missing; returns what waits no longer.
  std::vector<Arrival> tick(const std::vector<Origin>& origins);
  // Gives up documents of `header`'s kind and audience below its version.
  void overtaken(const DocumentHeader& header);
  // Removes every body that neither `named` nor a waiting document needs.
  void keep(const std::set<Hash256>& named);

 private:
  ContentStore store_;
  fs::path directory_;
  ContentFetch& fetch_;
  const Clock& clock_;
  Jitter jitter_;
  std::vector<Waiting> waiting_;
};

}  // namespace vitrine
