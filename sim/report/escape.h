#pragma once

#include <string>
#include <string_view>

namespace lpusim {

// Text that users supply (names, descriptions, paths) made harmless for the place it goes to. All
// of these replace what is no UTF-8, control characters other than tab and line feed, and those
// that turn the direction of text, by U+FFFD.

/// No more than that.
std::string plain_text(std::string_view text);

/// Between tags, inside quoted attributes, and in SVG and other XML.
std::string html_text(std::string_view text);

/// In a line of Markdown, a table cell included: no markup, no HTML, no line break.
std::string markdown_text(std::string_view text);
/// Between backquotes, in as many as it takes. "" for nothing.
std::string markdown_code(std::string_view text);

/// A field of RFC 4180. A text that a spreadsheet would take for a formula (it begins with = + - @,
/// tab or carriage return) gets an apostrophe in front. Numbers do not go through this.
std::string csv_text(std::string_view text);

/// JSON as it may stand in a <script> element: nothing in it ends the element or begins a comment.
std::string script_json(std::string_view json);

/// The letters, digits, '-' and '_' of a text; all else becomes '-'. For ids and file names.
std::string identifier(std::string_view text);

}  // namespace lpusim
