#include "vet/examine.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <sstream>

#include "media/av_file.hpp"
#include "media/converter.hpp"
#include "platform/crypto.hpp"
#include "vet/decode_speed.hpp"

extern "C" {
#include <libavutil/imgutils.h>
}

namespace vitrine {
namespace {

constexpr Micros kMeasured = 5 * kSecond;  // of media, for each further thread count

Hash256 hash_of(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const int size = av_image_get_buffer_size(format, frame.width, frame.height, 1);
  if (size <= 0) return {};
  Bytes packed(static_cast<std::size_t>(size));
  av_image_copy_to_buffer(packed.data(), size, frame.data, frame.linesize, format, frame.width,
                          frame.height, 1);
  return sha256(packed);
}

Micros cpu_time() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * kSecond + now.tv_nsec / 1'000;
}

std::uint32_t permille(Micros media, Micros wall) {
  if (media <= 0 || wall <= 0) return 0;
  return static_cast<std::uint32_t>(std::min<Micros>(media * 1000 / wall, 1'000'000));
}

// What `media` took from `begun` on.
struct Stopwatch {
  const Clock& clock;
  Micros begun = clock.monotonic();
  Micros cpu_begun = cpu_time();
  DecodeSpeed speed(Micros media, int threads) const {
    return {permille(media, clock.monotonic() - begun),
            permille(media, (cpu_time() - cpu_begun) / threads)};
  }
};

// How fast this many threads decode the first seconds.
DecodeSpeed speed_with(const Clock& clock, CheckedFile bytes, const std::string& named,
                       int threads) {
  const Stopwatch watch{clock};
  auto file = AvFile::open(std::move(bytes), named, threads, nullptr);
  if (!file) return {};
  Micros media = 0;
  while (media < kMeasured) {
    auto frame = (*file)->read();
    if (!frame || !*frame) break;
    media = (*frame)->time.pts + (*frame)->time.duration;
  }
  return watch.speed(media, threads);
}

// Decodes the sound as far as the pictures are: whatever it does to its decoder happens here first.
// Where it is damaged it will be silent, which is no reason against the file.
void hear_until(AvFile& file, Micros moment, Micros& heard) {
  while (heard < moment) {
    AudioChunk chunk;
    const auto read = file.read_audio(chunk);
    if (!read) continue;
    if (*read != AudioRead::chunk) return;
    heard = chunk.pts + audio_length(chunk.frames());
  }
}

// Every frame once. Empty when all is well, else why not; an error when the file is not what was
// hashed.
Result<std::string> run_through(AvFile& file, Verdict& verdict) {
  Converter converter;
  PicturePool pictures(640, 360);
  Micros end = 0;
  Micros heard = 0;
  for (;;) {
    auto frame = file.read();
    if (!frame && frame.error().code == ErrorCode::corrupt) return std::move(frame).error();
    if (!frame) {
      return frame.error().message + " (after " + std::to_string(verdict.frames) + " good frames)";
    }
    if (!*frame) break;
    end = (*frame)->time.pts + (*frame)->time.duration;
    hear_until(file, end, heard);
    if (verdict.frames++ == 0) {
      verdict.first_frame = hash_of(*(*frame)->frame);
      if (!converter.convert(std::move(**frame), pictures))
        return std::string("its pixel format is not one we show");
    }
  }
  const Micros stated = file.info().duration;
  if (!file.info().still) verdict.duration_us = end;
  if (end + kEndsEarly < stated) {
    return "it ends after " + std::to_string(end / kMillisecond) + " ms and states " +
           std::to_string(stated / kMillisecond) + " ms";
  }
  return std::string();
}

// A verdict knows which file it is about.
std::string without_name(std::string line, const std::string& named) {
  const std::string prefix = named + ": ";
  return line.starts_with(prefix) ? line.substr(prefix.size()) : line;
}

}  // namespace

Result<Verdict> examine(const Clock& clock, FileDescriptor descriptor, const std::string& named,
                        const std::shared_ptr<const FileBlocks>& blocks) {
  Verdict verdict;
  const auto bytes = [&] { return CheckedFile(FileDescriptor(::dup(descriptor.get())), blocks); };
  const Stopwatch watch{clock};
  auto file = AvFile::open(bytes(), named, 1, nullptr, /*audio=*/true);
  if (!file && file.error().code == ErrorCode::corrupt) return std::move(file).error();
  if (!file) {
    verdict.reason = without_name(file.error().message, named);
    return verdict;
  }
  auto reason = run_through(**file, verdict);
  if (!reason) return std::move(reason).error();
  verdict.reason = without_name(*std::move(reason), named);
  const MediaInfo info = (*file)->info();
  verdict.eligible = verdict.reason.empty();
  verdict.codec = info.codec;
  verdict.width = static_cast<std::uint32_t>(info.width);
  verdict.height = static_cast<std::uint32_t>(info.height);
  verdict.fps_milli = info.fps_milli;
  const DecodeSpeed alone = watch.speed(verdict.duration_us, 1);
  verdict.speed_permille = alone.by_wall;
  if (!verdict.eligible || info.still) return verdict;
  const auto cores = std::min<long>(::sysconf(_SC_NPROCESSORS_ONLN), kMostDecodeThreads);
  settle_threads(verdict, static_cast<int>(cores), [&](int threads) {
    return threads == 1 ? alone : speed_with(clock, bytes(), named, threads);
  });
  return verdict;
}

std::string encode_findings(const Verdict& verdict) {
  std::ostringstream out;
  out << "eligible " << (verdict.eligible ? 1 : 0) << '\n';
  if (!verdict.reason.empty()) out << "reason " << verdict.reason << '\n';
  if (!verdict.codec.empty()) out << "codec " << verdict.codec << '\n';
  out << "width " << verdict.width << '\n'
      << "height " << verdict.height << '\n'
      << "duration_us " << verdict.duration_us << '\n'
      << "frames " << verdict.frames << '\n'
      << "fps_milli " << verdict.fps_milli << '\n'
      << "first_frame " << to_hex(verdict.first_frame) << '\n'
      << "threads " << verdict.threads << '\n'
      << "speed_permille " << verdict.speed_permille << '\n';
  return out.str();
}

namespace {

template <class T>
bool parse_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= 0;
}

std::string printable(std::string_view text, std::size_t most) {
  std::string out(text.substr(0, most));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 32 || c > 126; }, '?');
  return out;
}

bool parse_line(std::string_view key, std::string_view value, Verdict& verdict) {
  if (key == "eligible") {
    verdict.eligible = value == "1";
    return value == "0" || value == "1";
  }
  if (key == "reason") {
    verdict.reason = printable(value, 200);
    return true;
  }
  if (key == "codec") {
    verdict.codec = printable(value, 32);
    return true;
  }
  if (key == "first_frame") {
    const auto hash = hash_from_hex(value);
    if (hash) verdict.first_frame = *hash;
    return hash.has_value();
  }
  if (key == "width") return parse_number(value, verdict.width);
  if (key == "height") return parse_number(value, verdict.height);
  if (key == "duration_us") return parse_number(value, verdict.duration_us);
  if (key == "frames") return parse_number(value, verdict.frames);
  if (key == "fps_milli") return parse_number(value, verdict.fps_milli);
  if (key == "threads") return parse_number(value, verdict.threads);
  if (key == "speed_permille") return parse_number(value, verdict.speed_permille);
  return false;
}

}  // namespace

std::optional<Verdict> parse_findings(const std::string& text) {
  Verdict verdict;
  bool judged = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) return std::nullopt;
    const std::string_view key = std::string_view(line).substr(0, space);
    if (!parse_line(key, std::string_view(line).substr(space + 1), verdict)) return std::nullopt;
    judged |= key == "eligible";
  }
  if (!judged || (verdict.eligible && verdict.frames == 0)) return std::nullopt;
  if (!verdict.eligible && verdict.reason.empty()) return std::nullopt;
  return verdict;
}

}  // namespace vitrine
