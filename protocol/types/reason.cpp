#include "protocol/reason.hpp"

namespace vitrine {

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "none";
    case Reason::quota_due:
      return "quota-due";
    case Reason::weight_due:
      return "weight-due";
    case Reason::house_fill:
      return "house-fill";
    case Reason::takeover:
      return "takeover";
    case Reason::sync_cycle:
      return "sync-cycle";
    case Reason::experiment_fill:
      return "experiment-fill";
    case Reason::live_boost:
      return "live-boost";
    case Reason::outside_flight:
      return "outside-flight";
    case Reason::outside_daypart:
      return "outside-daypart";
    case Reason::separation:
      return "separation";
    case Reason::hourly_cap:
      return "hourly-cap";
    case Reason::daily_cap:
      return "daily-cap";
    case Reason::competitor:
      return "competitor";
    case Reason::content_absent:
      return "content-absent";
    case Reason::content_rejected:
      return "content-rejected";
    case Reason::quarantined:
      return "quarantined";
    case Reason::quota_met:
      return "quota-met";
    case Reason::clock_untrusted:
      return "clock-untrusted";
    case Reason::just_shown:
      return "just-shown";
    case Reason::paced:
      return "paced";
    case Reason::position:
      return "position";
    case Reason::bill_grade:
      return "bill-grade";
    case Reason::bill_dark:
      return "bill-dark";
    case Reason::bill_verdict:
      return "bill-verdict";
    case Reason::bill_hash:
      return "bill-hash";
    case Reason::bill_flight:
      return "bill-flight";
    case Reason::bill_clock:
      return "bill-clock";
    case Reason::bill_quality:
      return "bill-quality";
    case Reason::bill_kind:
      return "bill-kind";
    case Reason::bill_cutoff:
      return "bill-cutoff";
    case Reason::bill_duplicate:
      return "bill-duplicate";
  }
  return "unknown";
}

}  // namespace vitrine
