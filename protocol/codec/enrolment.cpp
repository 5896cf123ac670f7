#include "protocol/enrolment.hpp"

#include "codec/members.hpp"
#include "codec/one_line.hpp"
#include "protocol/json.hpp"

namespace vitrine {

using codec::Members;

// The words in front keep a signature made for one purpose from serving another.
std::string renewal_text(std::string_view csr) {
  return "vt1renew" + std::string(csr);
}
std::string seen_text(std::string_view fingerprint) {
  return "vt1seen" + std::string(fingerprint);
}

Result<EnrolRequest> read_enrol_request(std::string_view json) {
  EnrolRequest request;
  return Members(json, "enrol request")
      .text("token", request.token)
      .text("csr", request.csr)
      .bytes("proof_key", request.proof_key, 32)
      .done(request);
}

Result<EnrolAnswer> read_enrol_answer(std::string_view json) {
  EnrolAnswer answer;
  Members members(json, "enrol answer");
  members.text("certificate", answer.certificate)
      .text("authority", answer.authority)
      .bytes("root_key", answer.root_key, 32)
      .text("trust", answer.trust)
      .bytes("qr_key", answer.qr_key)
      .text("screen", answer.screen)
      .integer("area", answer.area, 0, UINT32_MAX)
      .text("zone", answer.zone)
      .texts("groups", answer.groups)
      .text("mqtt_host", answer.mqtt_host)
      .integer("mqtt_port", answer.mqtt_port, 1, 65535)
      .text("enrol_url", answer.enrol_url);
  return members.done(answer);
}

Result<RenewRequest> read_renew_request(std::string_view json) {
  RenewRequest request;
  return Members(json, "renew request")
      .text("csr", request.csr)
      .text("certificate", request.certificate)
      .bytes("signature", request.signature)
      .done(request);
}

Result<RenewAnswer> read_renew_answer(std::string_view json) {
  RenewAnswer answer;
  return Members(json, "renew answer")
      .text("certificate", answer.certificate)
      .text("authority", answer.authority)
      .done(answer);
}

Result<SeenRequest> read_seen_request(std::string_view json) {
  SeenRequest request;
  return Members(json, "seen request")
      .text("certificate", request.certificate)
      .bytes("signature", request.signature)
      .done(request);
}

std::string write_enrol_request(const EnrolRequest& request) {
  return write_json(Json::Object{{"token", request.token},
                                 {"csr", request.csr},
                                 {"proof_key", to_base64url(request.proof_key)}});
}

std::string write_enrol_answer(const EnrolAnswer& answer) {
  Json::Array groups(answer.groups.begin(), answer.groups.end());
  return write_json(Json::Object{{"certificate", answer.certificate},
                                 {"authority", answer.authority},
                                 {"root_key", to_base64url(answer.root_key)},
                                 {"trust", answer.trust},
                                 {"qr_key", to_base64url(answer.qr_key)},
                                 {"screen", answer.screen},
                                 {"area", answer.area},
                                 {"zone", answer.zone},
                                 {"groups", std::move(groups)},
                                 {"mqtt_host", answer.mqtt_host},
                                 {"mqtt_port", answer.mqtt_port},
                                 {"enrol_url", answer.enrol_url}});
}

std::string write_renew_request(const RenewRequest& request) {
  return write_json(Json::Object{{"csr", request.csr},
                                 {"certificate", request.certificate},
                                 {"signature", to_base64url(request.signature)}});
}

std::string write_renew_answer(const RenewAnswer& answer) {
  return write_json(
      Json::Object{{"certificate", answer.certificate}, {"authority", answer.authority}});
}

std::string write_seen_request(const SeenRequest& request) {
  return write_json(Json::Object{{"certificate", request.certificate},
                                 {"signature", to_base64url(request.signature)}});
}

std::string read_refusal(std::string_view json) {
  if (const auto parsed = parse_json(json)) {
    const Json* reason = parsed->find("error");
    if (reason != nullptr && reason->text() != nullptr) {
      std::string line = reason->text()->substr(0, 500);
      for (char& letter : line) {
        if (static_cast<unsigned char>(letter) < 0x20) letter = ' ';
      }
      return line;
    }
  }
  return codec::in_quotes(json);
}

std::string write_refusal(const std::string& reason) {
  return write_json(Json::Object{{"error", reason}});
}

}  // namespace vitrine
