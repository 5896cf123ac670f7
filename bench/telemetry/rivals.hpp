// The same plays in encodings that others use, with the same columns, chain and signature.
#pragma once

#include "protocol/batch.hpp"

namespace vitrine::bench {

std::size_t json_bytes(const Batch& batch);      // an object a play, hashes as hex
std::size_t protobuf_bytes(const Batch& batch);  // a message a play (rivals.proto)
// Sparkplug B: the batch as one DataSet metric with its column names, hashes as strings; chain and
// signature as two metrics of bytes.
std::size_t sparkplug_bytes(const Batch& batch);

}  // namespace vitrine::bench
