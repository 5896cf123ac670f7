// What `vitrine bill` says: a line for each thing that a person should know.
#pragma once

#include <string>

#include "backflow/billing.hpp"

namespace vitrine::op {

std::string outcome_text(const BillingOutcome& outcome);
std::string reconciliation_text(const Reconciliation& books);
std::string round_text(const ProofRound& round);
// One JSON object: the statement with its hash and signature.
std::string statement_text(const BillStatement& statement);

}  // namespace vitrine::op
