#include "protocol/batch.hpp"

namespace vitrine {

std::string_view name_of(Stream stream) {
  switch (stream) {
    case Stream::play:
      return "play";
    case Stream::exposure:
      return "exposure";
    case Stream::flow:
      return "flow";
    case Stream::health:
      return "health";
    case Stream::event:
      return "event";
  }
  return "unknown";
}

}  // namespace vitrine
