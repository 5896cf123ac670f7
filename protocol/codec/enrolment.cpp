#include "protocol/enrolment.hpp"

#include <algorithm>
#include <optional>

#include "codec/one_line.hpp"
#include "protocol/json.hpp"

namespace vitrine {
namespace {

// Takes the members of one object and keeps the first complaint; what nobody took is unknown.
class Members {
 public:
  Members(std::string_view json, std::string_view what) : what_(what) {
    if (json.size() > kMostEnrolmentBytes) {
      problem_ =
          fail(ErrorCode::exhausted, "more than " + std::to_string(kMostEnrolmentBytes) + " bytes");
      return;
    }
    auto parsed = parse_json(json);
    if (!parsed) {
      problem_ = parsed.error();
    } else if (parsed->object() == nullptr) {
      problem_ = fail(ErrorCode::invalid, "no JSON object");
    } else {
      json_ = *std::move(parsed);
    }
  }

  Members& text(std::string_view name, std::string& into) {
    if (const Json* member = take(name); member != nullptr) {
      if (const std::string* value = member->text()) {
        into = *value;
      } else {
        complain(name, "is no text");
      }
    }
    return *this;
  }
  // base64url; `size` 0 = any
  Members& bytes(std::string_view name, Bytes& into, std::size_t size = 0) {
    std::string digits;
    text(name, digits);
    if (problem_) return *this;
    auto value = from_base64url(digits);
    if (!value || (size != 0 && value->size() != size)) {
      complain(name, "is no base64url" +
                         (size != 0 ? " of " + std::to_string(size) + " bytes" : std::string()));
    } else {
      into = *std::move(value);
    }
    return *this;
  }
  Members& integer(std::string_view name, std::int64_t& into, std::int64_t least,
                   std::int64_t most) {
    if (const Json* member = take(name); member != nullptr) {
      const std::int64_t* value = member->integer();
      if (value != nullptr && *value >= least && *value <= most) {
        into = *value;
      } else {
        complain(name, "is no whole number from " + std::to_string(least) + " to " +
                           std::to_string(most));
      }
    }
    return *this;
  }
  Members& texts(std::string_view name, std::vector<std::string>& into) {
    const Json* member = take(name);
    if (member == nullptr) return *this;
    const Json::Array* list = member->array();
    if (list == nullptr) complain(name, "is no list");
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const std::string* value = (*list)[i].text();
      if (value == nullptr) {
        complain(name, "holds what is no text");
        break;
      }
      into.push_back(*value);
    }
    return *this;
  }

  template <class T>
  Result<T> done(T value) {
    if (!problem_) {
      for (const auto& [name, member] : *json_.object()) {
        if (std::find(taken_.begin(), taken_.end(), name) == taken_.end())
          return fail(ErrorCode::invalid,
                      what_ + ": " + codec::in_quotes(name) + " is no known member");
      }
    }
    if (problem_) return std::move(*problem_).context(what_);
    return value;
  }

 private:
  const Json* take(std::string_view name) {
    if (problem_) return nullptr;
    taken_.emplace_back(name);
    const Json* member = json_.find(name);
    if (member == nullptr) complain(name, "is missing");
    return member;
  }
  void complain(std::string_view name, const std::string& how) {
    if (!problem_) problem_ = fail(ErrorCode::invalid, "'" + std::string(name) + "' " + how);
  }

  std::string what_;
  Json json_;
  std::vector<std::string> taken_;
  std::optional<Error> problem_;
};

}  // namespace

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
