// Statements as they were issued: text, hash and signature. One is never written again.
#pragma once

#include "backflow/billing.hpp"
#include "backflow/sql_store.hpp"

namespace vitrine::billing {

const SqlTable& statement_table();  // bill_statement

}  // namespace vitrine::billing
