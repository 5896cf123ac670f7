#include "glass_record.hpp"

#include <libyuv.h>
#include <unistd.h>

#include <cstring>

#include "platform/crypto.hpp"
#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr int kRowStep = 20;
constexpr Micros kLatestEvery = 500 * kMillisecond;

}  // namespace

Result<std::unique_ptr<GlassRecord>> GlassRecord::create(const fs::path& directory, Micros now,
                                                         int width, int height) {
  if (auto made = make_directories(directory); !made) return std::move(made).error();
  const fs::path path = directory / ("glass-" + std::to_string(now) + ".rec");
  auto file = open_append(path, 0644);
  if (!file) return std::move(file).error();
  auto record =
      std::unique_ptr<GlassRecord>(new GlassRecord(directory, path, std::move(*file), height));
  Bytes header;
  const auto magic = as_bytes("VTGLASS1");
  header.insert(header.end(), magic.begin(), magic.end());
  for (const int value : {width, height, kRowStep, record->rows_}) {
    append_le32(header, static_cast<std::uint32_t>(value));
  }
  if (auto put = write_all(record->file_.get(), header, path); !put) {
    return std::move(put).error();
  }
  const std::string size = std::to_string(width) + " " + std::to_string(height) + "\n";
  if (auto put = replace_volatile(directory / "latest.txt", size); !put) {
    return std::move(put).error();
  }
  return record;
}

GlassRecord::GlassRecord(fs::path directory, fs::path path, FileDescriptor file, int height)
    : directory_(std::move(directory)),
      path_(std::move(path)),
      file_(std::move(file)),
      rows_((height + kRowStep - 1) / kRowStep) {}

Status GlassRecord::record(const Picture& picture, const Flip& flip) {
  record_.clear();
  append_le64(record_, flip.at);
  append_le64(record_, static_cast<std::int64_t>(flip.sequence));
  rows_now_.resize(static_cast<std::size_t>(rows_) * picture.width);
  for (int row = 0; row < rows_; ++row) {
    std::memcpy(rows_now_.data() + static_cast<std::size_t>(row) * picture.width,
                picture.y + static_cast<std::ptrdiff_t>(row) * kRowStep * picture.y_stride,
                picture.width);
  }
  const bool same = rows_now_ == rows_before_;
  append_le32(record_, same ? 1 : 0);
  if (same) {
    const Hash256 hash = sha256(rows_now_);
    append_le32(record_, 8);
    record_.insert(record_.end(), hash.begin(), hash.begin() + 8);
  } else {
    append_le32(record_, static_cast<std::uint32_t>(rows_now_.size()));
    record_.insert(record_.end(), rows_now_.begin(), rows_now_.end());
  }
  if (auto put = write_all(file_.get(), record_, path_); !put) return put;
  rows_now_.swap(rows_before_);
  if (latest_at_ == kAbsent || flip.at - latest_at_ >= kLatestEvery) {
    latest_at_ = flip.at;
    keep_latest(picture);
  }
  return ok();
}

Result<bool> GlassRecord::keeps_what_came_last() const {
  auto file = open_read(path_);
  if (!file) return std::move(file).error();
  const off_t end = ::lseek(file->get(), 0, SEEK_END);
  Bytes kept(record_.size());
  const auto size = static_cast<off_t>(kept.size());
  if (end < size || ::pread(file->get(), kept.data(), kept.size(), end - size) != size) {
    return false;
  }
  return kept == record_;
}

// For people to look at; the record above is the evidence, so a failure here is told and no more.
void GlassRecord::keep_latest(const Picture& picture) {
  const std::size_t luma = static_cast<std::size_t>(picture.width) * picture.height;
  whole_.resize(luma * 3 / 2);
  auto* const to = reinterpret_cast<std::uint8_t*>(whole_.data());
  libyuv::I420ToNV12(picture.y, picture.y_stride, picture.u, picture.uv_stride, picture.v,
                     picture.uv_stride, to, picture.width, to + luma, picture.width, picture.width,
                     picture.height);
  if (auto put = replace_volatile(directory_ / "latest.nv12", whole_); !put) {
    log_warn("cannot keep the latest picture: {}; going on without it", put.error().message);
  }
}

}  // namespace vitrine
