// Private: is there anybody at host:port?
#pragma once

#include <string>

#include "base/result.hpp"

namespace vitrine {

// Opens and closes a TCP connection, waiting at most `limit_ms`. libmosquitto's own connect blocks
// for as long as the kernel retries (two minutes for a silent host), which a daemon that must feed
// its watchdog cannot afford.
Status reach(const std::string& host, int port, int limit_ms);

}  // namespace vitrine
