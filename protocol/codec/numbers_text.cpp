// Numbers are written straight into text, not through a tree of values: a backend writes them for
// 100,000 screens with hundreds of campaigns each, and the tree took most of that time. The bytes
// are the tree's: names in order, no spaces; words and digits need no escapes.
#include "base/bytes.hpp"
#include "codec/words.hpp"
#include "protocol/documents.hpp"

namespace vitrine {
namespace {

class Text {
 public:
  Text& raw(std::string_view text) {
    text_ += text;
    return *this;
  }
  template <class T>
  Text& number(T value) {
    text_ += std::to_string(value);
    return *this;
  }
  // Calls `write(item)` for each, with commas between and brackets around.
  template <class List, class Write>
  Text& list(const List& items, const Write& write) {
    raw("[");
    bool first = true;
    for (const auto& item : items) {
      if (!first) raw(",");
      first = false;
      write(item);
    }
    return raw("]");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void write_campaign(Text& text, const CampaignNumbers& entry) {
  text.raw(R"({"arm":")").raw(codec::words(entry.arm)[static_cast<std::size_t>(entry.arm)]);
  text.raw(R"(","campaign":)").number(entry.campaign);
  text.raw(R"(,"creative_weight":)").list(entry.creative_weight, [&](const CreativeShare& share) {
    text.raw(R"({"creative":)").number(share.creative);
    text.raw(R"(,"weight":)").number(share.weight).raw("}");
  });
  text.raw(R"(,"first_day":")").raw(codec::day_text(entry.first_day));
  text.raw(R"(","goal_milli":)").list(entry.goal_milli, [&](std::uint32_t goal) {
    text.number(goal);
  });
  text.raw(R"(,"phase":)").number(entry.phase);
  text.raw(R"(,"price":)").number(entry.price).raw("}");
}

}  // namespace

std::string write_numbers(const Numbers& numbers) {
  Text text;
  text.raw(R"({"campaigns":)").list(numbers.campaigns, [&](const CampaignNumbers& entry) {
    write_campaign(text, entry);
  });
  text.raw(R"(,"schedule_sha256":")").raw(to_hex(numbers.schedule_sha256));
  text.raw(R"(","schedule_version":)").number(numbers.schedule_version).raw("}");
  return text.take();
}

}  // namespace vitrine
