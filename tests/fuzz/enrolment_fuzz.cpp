// What comes to vitrine-enrol from anybody at all, and what a screen is answered.
#include "fuzz.hpp"
#include "platform/certificate.hpp"
#include "protocol/bundle.hpp"
#include "protocol/enrolment.hpp"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  (void)fuzz::read_twice(text, read_enrol_request, write_enrol_request);
  (void)fuzz::read_twice(text, read_enrol_answer, write_enrol_answer);
  (void)fuzz::read_twice(text, read_renew_request, write_renew_request);
  (void)fuzz::read_twice(text, read_renew_answer, write_renew_answer);
  (void)fuzz::read_twice(text, read_seen_request, write_seen_request);
  if (const auto read = read_bundle(text)) {
    const auto again = read_bundle(write_bundle(bundle_payload(read->bundle), read->signature));
    fuzz::promise(again && again->signed_text == bundle_signed_text(bundle_payload(read->bundle)),
                  "a bundle written is the bundle read");
  }
  (void)read_refusal(text);
  const std::string pem(text);
  if (const auto request = SigningRequest::from_pem(pem)) (void)request->key_hash();
  if (const auto certificate = Certificate::from_pem(pem)) {
    (void)certificate->common_name();
    (void)certificate->serial();
    (void)certificate->valid_until();
    (void)certificate->verify(as_bytes(text), as_bytes(text));
    const auto again = Certificate::from_pem(certificate->pem());
    fuzz::promise(again && again->fingerprint() == certificate->fingerprint(),
                  "a certificate written is the certificate read");
  }
  return 0;
}
