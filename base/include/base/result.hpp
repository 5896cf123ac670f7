// Errors as values. A function that can fail returns Result<T>; the Error says what failed, where
// and why in one line meant for a person, and each caller may put its own context in front:
//
//     auto body = read_file(path);
//     if (!body) return std::move(body).error().context("cannot apply schedule 41");
//
// Nothing here throws. Not thread-safe beyond what its values are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace vitrine {

// What a caller may want to decide on; everything else is in the message.
enum class ErrorCode {
  invalid,      // the input breaks a rule
  not_found,    // it is not there
  denied,       // signature, scope or permission
  conflict,     // same key, other content
  stale,        // version not above the floor
  unavailable,  // a peer, a device or a disk does not answer; may work later
  exhausted,    // a limit (bytes, time, quota) was reached
  corrupt,      // stored data does not match its own check
  internal,     // a defect of ours
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;

  // "outer: inner", the outer part added by whoever knows the larger intention.
  Error context(std::string_view outer) && {
    message = std::string(outer) + ": " + message;
    return std::move(*this);
  }
  Error context(std::string_view outer) const& { return Error(*this).context(outer); }
};

struct Unit {};

template <class T>
class [[nodiscard]] Result {
 public:
  // Implicit, so that `return value;` and `return error;` read as they are meant.
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return held_.index() == 0; }
  bool ok() const { return held_.index() == 0; }

  // Undefined when the Result holds the other alternative, as with std::optional.
  T& value() & { return *std::get_if<0>(&held_); }
  const T& value() const& { return *std::get_if<0>(&held_); }
  T&& value() && { return std::move(*std::get_if<0>(&held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return std::get_if<0>(&held_); }
  const T* operator->() const { return std::get_if<0>(&held_); }

  const Error& error() const& { return *std::get_if<1>(&held_); }
  Error&& error() && { return std::move(*std::get_if<1>(&held_)); }

 private:
  std::variant<T, Error> held_;
};

using Status = Result<Unit>;
inline Status ok() {
  return Unit{};
}

inline Error fail(ErrorCode code, std::string message) {
  return Error{code, std::move(message)};
}

}  // namespace vitrine
