#include "operator/gaps.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdio>

#include "backflow/gaps.hpp"
#include "platform/config.hpp"

namespace vitrine::op {
namespace {

CommandOptions resend_of(const GapsOptions& options, const Gap& gap) {
  CommandOptions command;
  static_cast<BrokerOptions&>(command) = options;
  command.verb = "resend";
  command.screen = gap.device;
  command.key_file = options.key_file;
  command.key_id = options.key_id;
  command.stream = std::string(name_of(gap.stream));
  command.log_id = fmt::format("{:016x}", gap.log_id);
  command.first = gap.first;
  command.last = gap.last;
  command.wait_s = options.wait_s;
  return command;
}

int complain(const Error& error) {
  std::fprintf(stderr, "vitrine gaps: %s\n", error.message.c_str());
  return 1;
}

}  // namespace

int gaps(const GapsOptions& options, const Clock& clock) {
  auto file = Config::read(options.config);
  if (!file) return complain(file.error());
  auto address = file->text("ingest.store");
  if (!address) return complain(address.error());
  auto store = open_sql_store(*address, SqlAccess::read);
  if (!store) return complain(store.error());
  auto found = find_gaps(**store, options.screen);
  if (!found) return complain(found.error());
  int worst = found->empty() || options.resend ? 0 : 1;
  for (const Gap& gap : *found) {
    std::printf(
        "%s %s log %016llx rows %llu..%llu\n", gap.device.c_str(),
        std::string(name_of(gap.stream)).c_str(), static_cast<unsigned long long>(gap.log_id),
        static_cast<unsigned long long>(gap.first), static_cast<unsigned long long>(gap.last));
    if (options.resend) worst = std::max(worst, command(resend_of(options, gap), clock));
  }
  return worst;
}

}  // namespace vitrine::op
