#include "audience/v4l2_source.hpp"

#include "v4l2_device.hpp"

namespace vitrine {

Result<std::unique_ptr<FrameSource>> open_v4l2_source(const fs::path& device, const Clock& clock,
                                                      const V4l2SourceOptions& options) {
  return open_v4l2_source(kernel_v4l2(clock), device, clock, options);
}

Result<std::unique_ptr<FrameSource>> open_any_v4l2_source(const fs::path& directory,
                                                          const Clock& clock,
                                                          const V4l2SourceOptions& options) {
  return open_any_v4l2_source(kernel_v4l2(clock), directory, clock, options);
}

}  // namespace vitrine
