#include <string>

#include "protocol/chain.hpp"
#include "protocol/wire.hpp"

namespace vitrine {

Status verify_batch(Batch& batch, const ScreenId& screen, const PublicKey& proof_key) {
  auto* rows = std::get_if<std::vector<PlayRow>>(&batch.rows);
  if (rows == nullptr) return ok();
  if (rows->empty()) return fail(ErrorCode::denied, "a play batch without rows proves nothing");
  // The first row of a log hangs on the screen and the log itself: a log cannot be moved to another
  // screen.
  if (batch.key.first == 1 && batch.chain_before != chain_start(screen, batch.key.log_id)) {
    return fail(ErrorCode::denied, "the chain of this log does not start at screen " + screen);
  }
  Hash256 chain = batch.chain_before;
  for (PlayRow& row : *rows) {
    chain = chain_next(chain, row);
    row.chain = chain;
  }
  PlayRow& last = rows->back();
  if (!verify_chain(proof_key, screen, batch.key.log_id, last.seq, chain, batch.signature)) {
    return fail(ErrorCode::denied, "the signature of play " + std::to_string(last.seq) +
                                       " does not match its chain and the proof key of screen " +
                                       screen);
  }
  last.signature = batch.signature;
  return ok();
}

}  // namespace vitrine
