// A signed envelope as anybody may send it, and the same bytes as the header of one: a fuzzer
// finds its way through JSON, not through base64.
#include "fuzz.hpp"
#include "protocol/envelope.hpp"

using namespace vitrine;

namespace {

const PrivateKey& signing_key() {
  static const PrivateKey key = PrivateKey::from_seed({7});
  return key;
}

const Trust& trust() {
  static const Trust trust = [] {
    using enum DocumentKind;
    TrustedKey known;
    known.key_id = "operator-1";
    known.public_key = signing_key().public_key().raw;
    known.role = "operator";
    known.kinds = {schedule, numbers, profile, settings, takeover, command};
    known.audiences = {"*"};
    known.valid_until = 2'000'000'000;
    return Trust{{known}, {"operator-0"}};
  }();
  return trust;
}

void try_envelope(std::string_view jws) {
  const auto document = parse_envelope(jws);
  if (!document) return fuzz::promise_one_line(document.error());
  const auto& header = document->header;
  fuzz::promise(document->payload.size() <= kMaxInlinePayload, "a payload keeps its limit");
  for (const std::int64_t now : {kNoClock, std::int64_t{1'800'000'000}}) {
    const auto verified = verify_document(jws, header.kind, trust(), now);
    if (verified) {
      fuzz::promise(header.key_id == "operator-1", "only a trusted key is accepted");
    } else {
      fuzz::promise_one_line(verified.error());
    }
  }
  // Signed by us it is whole, says the same, and no byte of it can be changed.
  std::string ours = sign_document(header, document->payload, signing_key());
  const auto again = verify_with_key(ours, header.kind, signing_key().public_key());
  fuzz::promise(again.ok(), "what was signed verifies");
  fuzz::promise(again->payload == document->payload && again->header.version == header.version &&
                    again->header.audience == header.audience &&
                    again->header.key_id == header.key_id,
                "what was signed comes back");
  char& bent = ours[(jws.size() * 7) % ours.size()];
  bent = bent == 'A' ? 'B' : 'A';
  fuzz::promise(!verify_with_key(ours, header.kind, signing_key().public_key()).ok(),
                "what was changed does not verify");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try_envelope(fuzz::text_of(data, size));
  std::string jws = to_base64url({data, size}) + "." + to_base64url(as_bytes("{}"));
  const auto signature = signing_key().sign(as_bytes(jws));
  try_envelope(jws + "." + to_base64url(signature));
  return 0;
}
