// What every fuzz target asks of a reader: bytes from outside are refused with one line, or they
// are a document that comes back the same when it is written and read again. A broken promise ends
// the process, which is how a fuzzer learns of it.
//
// A target is one file with LLVMFuzzerTestOneInput (libFuzzer's interface): it must not keep state
// between calls nor depend on anything but its bytes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/result.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace vitrine::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void promise(bool kept, std::string_view what, std::string_view shown = {}) {
  if (kept) return;
  const std::string line =
      "promise broken: " + std::string(what) + "\n" + std::string(shown) + "\n";
  std::fputs(line.c_str(), stderr);
  std::abort();
}

// protocol/documents.hpp: one line of less than 1000 bytes.
inline void promise_one_line(const Error& error) {
  promise(!error.message.empty(), "a refusal says why");
  promise(error.message.size() < 1000, "a refusal is short", error.message);
  for (const char c : error.message) {
    promise(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a refusal is one plain line",
            error.message);
  }
}

// Reads, and when the text is a document: what was written is read again as the same document, and
// is written the same.
template <class T>
Result<T> read_twice(std::string_view text, Result<T> (*read)(std::string_view),
                     std::string (*write)(const T&)) {
  auto document = read(text);
  if (!document) {
    promise_one_line(document.error());
    return document;
  }
  const std::string written = write(*document);
  const auto again = read(written);
  promise(again.ok(), "what was written is read again",
          again.ok() ? std::string_view() : std::string_view(again.error().message));
  const std::string rewritten = write(*again);
  promise(rewritten == written, "the canonical form stays as it is", rewritten);
  return document;
}

}  // namespace vitrine::fuzz
