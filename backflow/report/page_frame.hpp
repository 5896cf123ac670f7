// What every page has around its content: one style, no script, nothing from elsewhere, and a
// content security policy that holds it to that.
#pragma once

#include <string>

namespace vitrine::report {

// A whole document. `title` is escaped here, `body` is HTML.
std::string page(const std::string& title, const std::string& body);

// A card with a heading; `note` (HTML, may be empty) stands below it in small type.
std::string card(const std::string& heading, const std::string& content,
                 const std::string& note = {});

// "observed" and "modelled" as the charts draw them.
std::string method_key();

}  // namespace vitrine::report
