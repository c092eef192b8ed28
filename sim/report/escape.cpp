#include "sim/report/escape.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace lpusim {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Bytes of the UTF-8 sequence that text begins with; 0 if it is none.
std::size_t sequence_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const auto second = text.size() > 1 ? static_cast<unsigned char>(text[1]) : 0U;
    std::size_t length = 0;
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first < 0xE0) length = 2;
    if (first >= 0xE0 && first < 0xF0) length = 3;
    if (first >= 0xF0 && first < 0xF5) length = 4;
    if (length == 0 || text.size() < length) return 0;
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    if (first == 0xE0 && second < 0xA0) return 0;
    if (first == 0xED && second >= 0xA0) return 0;
    if (first == 0xF0 && second < 0x90) return 0;
    if (first == 0xF4 && second >= 0x90) return 0;
    const std::string_view rest = text.substr(1, length - 1);
    return std::all_of(rest.begin(), rest.end(), is_continuation) ? length : 0;
}

bool is_forbidden_control(char c) {
    const auto code = static_cast<unsigned char>(c);
    return (code < 0x20 && c != '\t' && c != '\n') || code == 0x7F;
}

/// Characters that turn the direction of what follows, or break its line: a name with them reads as
/// another, or as a line of its own.
bool is_forbidden_format(std::string_view character) {
    constexpr std::array<std::string_view, 14> kForbidden = {
        "\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B",
        "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"};
    return std::find(kForbidden.begin(), kForbidden.end(), character) != kForbidden.end();
}

/// Calls use(character) for each character of the text as it may be written.
template <class Use>
void for_each_character(std::string_view text, Use use) {
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        const std::string_view character = text.substr(0, length);
        const bool bad = length == 0 || (length == 1 && is_forbidden_control(text.front())) ||
                         is_forbidden_format(character);
        use(bad ? kReplacement : character);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
}

}  // namespace

std::string plain_text(std::string_view text) {
    std::string plain;
    for_each_character(text, [&](std::string_view character) { plain += character; });
    return plain;
}

std::string html_text(std::string_view text) {
    std::string escaped;
    for_each_character(text, [&](std::string_view character) {
        switch (character.front()) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += character;
        }
    });
    return escaped;
}

std::string markdown_text(std::string_view text) {
    constexpr std::string_view kMarkup = "\\`*_{}[]<>()#+!|~&$^";
    constexpr std::string_view kDigits = "0123456789";
    // A list begins only where a line does.
    const std::size_t first = std::min(text.find_first_not_of(" \t\n"), text.size());
    const std::size_t behind_digits = std::min(text.find_first_not_of(kDigits, first), text.size());
    const bool numbered = behind_digits > first && text.substr(behind_digits, 2) == ". ";
    const bool bullet = text.substr(first, 2) == "- ";
    const std::size_t list_mark = numbered ? behind_digits : bullet ? first : text.size();

    std::string escaped;
    for_each_character(text, [&](std::string_view character) {
        const char c = character.front();
        const bool is_list_mark = text.data() + list_mark == character.data();
        if (is_list_mark || kMarkup.find(c) != std::string_view::npos) escaped += '\\';
        escaped += c == '\n' || c == '\t' ? std::string_view(" ") : character;
    });
    return escaped;
}

std::string markdown_code(std::string_view text) {
    if (text.empty()) return "";
    std::string clean;
    std::size_t longest = 0;
    std::size_t run = 0;
    for_each_character(text, [&](std::string_view character) {
        const char c = character.front();
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
        // A bar ends a table cell, inside code as well.
        if (c == '|') clean += '\\';
        clean += c == '\n' || c == '\t' ? std::string_view(" ") : character;
    });
    const std::string fence(longest + 1, '`');
    const std::string_view space = longest > 0 ? " " : "";
    return fence + std::string(space) + clean + std::string(space) + fence;
}

std::string csv_text(std::string_view text) {
    constexpr std::string_view kFormula = "=+-@\t\r";
    constexpr std::string_view kQuoted = "\",\n\r";
    std::string clean;
    // Also behind blanks: some programs pass over these.
    const std::size_t first = text.find_first_not_of(' ');
    if (first != std::string_view::npos && kFormula.find(text[first]) != std::string_view::npos) {
        clean += '\'';
    }
    clean += plain_text(text);
    if (clean.find_first_of(kQuoted) == std::string::npos) return clean;
    std::string quoted = "\"";
    for (const char c : clean) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string script_json(std::string_view json) {
    std::string escaped;
    escaped.reserve(json.size());
    for (const char c : json) {
        switch (c) {
            case '<':
                escaped += "\\u003c";
                break;
            case '>':
                escaped += "\\u003e";
                break;
            case '&':
                escaped += "\\u0026";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

std::string identifier(std::string_view text) {
    std::string id;
    for (const char c : text) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
        id += plain ? c : '-';
    }
    return id.empty() ? "-" : id;
}

}  // namespace lpusim
