#include "backflow/screen_limits.hpp"

namespace vitrine {

bool ScreenLimits::admits(const ScreenId& device, std::size_t bytes, std::int64_t now_us) {
  if (most_.batches == 0 && most_.bytes == 0) return true;
  Used& used = used_[device];
  if (used.batches == 0 || now_us < used.since_us || now_us - used.since_us >= kPeriodUs)
    used = {now_us, 0, 0};
  if (most_.batches != 0 && used.batches >= most_.batches) return false;
  // A single one that is larger than all is let through: refused, it would be sent for ever.
  if (most_.bytes != 0 && used.batches > 0 && used.bytes + bytes > most_.bytes) return false;
  ++used.batches;
  used.bytes += bytes;
  return true;
}

}  // namespace vitrine
