// Tries a creative before its flight: every frame through the decoder once. Meant to run inside the
// sandbox, on bytes nobody trusts; what it found travels as text, which the parent reads with the
// same distrust.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "platform/clock.hpp"
#include "platform/file_blocks.hpp"
#include "state/content_store.hpp"

namespace vitrine {

// The verdict but for its sha256. Takes the descriptor; `named` is for messages. One thread, and
// the decoder's. With `blocks` it is about the bytes that were hashed; `corrupt` when it met
// others.
Result<Verdict> examine(const Clock& clock, FileDescriptor file, const std::string& named,
                        const std::shared_ptr<const FileBlocks>& blocks = nullptr);

// "key value" lines.
std::string encode_findings(const Verdict& verdict);
// nullopt unless every line is known and well-formed; the reason is cut to 200 printable
// characters.
std::optional<Verdict> parse_findings(const std::string& text);

}  // namespace vitrine
