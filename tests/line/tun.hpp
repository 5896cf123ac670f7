// A TUN device: a network interface whose packets a program reads and writes. It vanishes with the
// descriptor.
#pragma once

#include <string>

#include "platform/file.hpp"

namespace vitrine::testing {

// In the network namespace of the caller, up, point to point from `address` to `peer`. Takes root.
Result<FileDescriptor> open_tun(const std::string& address, const std::string& peer);

// Leaves for a new, empty network namespace in which only the loopback is up. One thread.
Status enter_empty_network();

}  // namespace vitrine::testing
