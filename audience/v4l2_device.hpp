// A camera behind the table of calls, opened and streaming.
#pragma once

#include "audience/v4l2_source.hpp"
#include "v4l2_calls.hpp"

namespace vitrine {

// As the functions of v4l2_source.hpp, on the handed-in calls.
Result<std::unique_ptr<FrameSource>> open_v4l2_source(const OpenV4l2& open, const fs::path& device,
                                                      const Clock& clock,
                                                      const V4l2SourceOptions& options = {});
Result<std::unique_ptr<FrameSource>> open_any_v4l2_source(const OpenV4l2& open,
                                                          const fs::path& directory,
                                                          const Clock& clock,
                                                          const V4l2SourceOptions& options = {});

}  // namespace vitrine
