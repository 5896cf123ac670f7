#include "player/source.hpp"

#include "av_file.hpp"
#include "converter.hpp"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace vitrine {
namespace {

class FileSource final : public MediaSource {
 public:
  FileSource(std::unique_ptr<AvFile> file, std::string named)
      : file_(std::move(file)), named_(std::move(named)) {}
  const MediaInfo& info() const override { return file_->info(); }

  Result<std::optional<Frame>> read(PicturePool& pool) override {
    auto decoded = file_->read();
    if (!decoded) return std::move(decoded).error();
    if (!*decoded) return std::optional<Frame>{};
    const auto format = static_cast<AVPixelFormat>((*decoded)->frame->format);
    auto frame = converter_.convert(std::move(**decoded), pool);
    if (!frame) {
      const char* named = av_get_pix_fmt_name(format);
      return fail(ErrorCode::invalid,
                  named_ + ": pixel format " + (named ? named : "?") + " is not one we show");
    }
    return frame;
  }

  Result<AudioRead> read_audio(AudioChunk& chunk) override { return file_->read_audio(chunk); }

 private:
  std::unique_ptr<AvFile> file_;
  std::string named_;
  Converter converter_;
};

}  // namespace

Result<std::unique_ptr<MediaSource>> open_media_source(const fs::path& path,
                                                       const SourceOptions& options) {
  auto descriptor = open_read(path);
  if (!descriptor) return std::move(descriptor).error();
  const std::string named = path.filename().string();
  auto file = AvFile::open(CheckedFile(std::move(*descriptor), options.blocks), named,
                           options.threads, options.cancel, options.audio);
  if (!file) return std::move(file).error();
  return std::unique_ptr<MediaSource>(std::make_unique<FileSource>(std::move(*file), named));
}

}  // namespace vitrine
