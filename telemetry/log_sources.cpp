#include "freezer.hpp"
#include "state/exposure_log.hpp"
#include "state/play_log.hpp"

namespace vitrine {
namespace {

// A log of another daemon: opened when it is there, `not_found` until then.
template <class Reader>
class FileSource : public LogSource {
 public:
  FileSource(Stream stream, LogPlace place) : stream_(stream), place_(std::move(place)) {}
  Stream stream() const override { return stream_; }
  Result<LogId> log_id() override {
    if (!reader_) {
      auto reader = Reader::open(place_);
      if (!reader) return std::move(reader).error();
      reader_.emplace(std::move(*reader));
    }
    return id(*reader_);
  }
  Result<Batch> rows_after(std::uint64_t after, std::size_t limit) override {
    if (!reader_) return fail(ErrorCode::not_found, place_.file.string() + " is not open");
    Batch batch;
    if (auto read = rows(*reader_, after, limit, batch); !read) return std::move(read).error();
    return batch;
  }

 protected:
  virtual Result<LogId> id(Reader& reader) = 0;
  virtual Status rows(Reader& reader, std::uint64_t after, std::size_t limit, Batch& into) = 0;

  template <class Rows>
  static Status put(Rows rows, Batch& into) {
    if (!rows) return std::move(rows).error();
    into.rows = std::move(*rows);
    return ok();
  }

 private:
  Stream stream_;
  LogPlace place_;
  std::optional<Reader> reader_;
};

class PlaySource final : public FileSource<PlayLogReader> {
 public:
  explicit PlaySource(const LogPlace& place) : FileSource(Stream::play, place) {}

 private:
  Result<LogId> id(PlayLogReader& reader) override { return reader.log_id(); }
  Status rows(PlayLogReader& reader, std::uint64_t after, std::size_t limit, Batch& into) override {
    return put(reader.rows_after(after, limit), into);
  }
};

class ExposureSource final : public FileSource<ExposureLogReader> {
 public:
  explicit ExposureSource(const LogPlace& place) : FileSource(Stream::exposure, place) {}

 private:
  Result<LogId> id(ExposureLogReader& reader) override { return reader.exposure_log_id(); }
  Status rows(ExposureLogReader& reader, std::uint64_t after, std::size_t limit,
              Batch& into) override {
    return put(reader.exposures_after(after, limit), into);
  }
};

class FlowSource final : public FileSource<ExposureLogReader> {
 public:
  explicit FlowSource(const LogPlace& place) : FileSource(Stream::flow, place) {}

 private:
  Result<LogId> id(ExposureLogReader& reader) override { return reader.flow_log_id(); }
  Status rows(ExposureLogReader& reader, std::uint64_t after, std::size_t limit,
              Batch& into) override {
    return put(reader.flows_after(after, limit), into);
  }
};

class OutboxSource final : public LogSource {
 public:
  OutboxSource(Stream stream, Outbox& outbox) : stream_(stream), outbox_(outbox) {}
  Stream stream() const override { return stream_; }
  Result<LogId> log_id() override {
    return stream_ == Stream::event ? outbox_.event_log_id() : outbox_.health_log_id();
  }
  Result<Batch> rows_after(std::uint64_t after, std::size_t limit) override {
    Batch batch;
    if (stream_ == Stream::event) {
      auto rows = outbox_.events_after(after, limit);
      if (!rows) return std::move(rows).error();
      batch.rows = std::move(*rows);
    } else {
      auto rows = outbox_.health_after(after, limit);
      if (!rows) return std::move(rows).error();
      batch.rows = std::move(*rows);
    }
    return batch;
  }

 private:
  Stream stream_;
  Outbox& outbox_;
};

}  // namespace

std::vector<std::unique_ptr<LogSource>> make_log_sources(const StatePaths& paths, Outbox& outbox) {
  std::vector<std::unique_ptr<LogSource>> sources;
  sources.push_back(std::make_unique<PlaySource>(paths.plays_log()));
  sources.push_back(std::make_unique<ExposureSource>(paths.exposure_log()));
  sources.push_back(std::make_unique<FlowSource>(paths.exposure_log()));
  sources.push_back(std::make_unique<OutboxSource>(Stream::health, outbox));
  sources.push_back(std::make_unique<OutboxSource>(Stream::event, outbox));
  return sources;
}

}  // namespace vitrine
