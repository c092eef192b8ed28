#include "sim/config/diagnostics.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lpusim {

ConfigError::ConfigError(std::vector<std::string> errors)
    : std::runtime_error(fmt::format("{}", fmt::join(errors, "\n"))), errors_(std::move(errors)) {}

namespace config {

namespace {

constexpr std::size_t kLongestQuote = 60;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool continues_utf8(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

std::string without_controls(std::string_view text) {
    std::string clean;
    for (const char c : text) {
        if (c == '\n') {
            clean += "\\n";
        } else if (is_control(c)) {
            clean += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            clean += c;
        }
    }
    return clean;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::vector<std::size_t> row(b.size() + 1, i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        before_last = std::exchange(last, std::move(row));
    }
    return last.back();
}

}  // namespace

Diagnostics::Diagnostics(std::string_view file) : file_(without_controls(file)) {}

void Diagnostics::error(Position at, std::string message) {
    errors_.push_back({at, std::move(message)});
}

void Diagnostics::throw_if_any() const {
    if (errors_.empty()) return;
    std::vector<Error> sorted = errors_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Error& a, const Error& b) {
        return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
    });
    std::vector<std::string> lines;
    for (const auto& [at, message] : sorted) {
        const std::string place = at.line > 0 ? fmt::format(":{}:{}", at.line, at.column) : "";
        lines.push_back(fmt::format("{}{}: error: {}", file_, place, message));
    }
    throw ConfigError(std::move(lines));
}

void Diagnostics::fatal(Position at, std::string message) {
    error(at, std::move(message));
    throw_if_any();
    throw std::logic_error("unreachable: an error was just added");
}

std::string in_quotes(std::string_view text) {
    std::size_t end = std::min(text.size(), kLongestQuote);
    while (end < text.size() && end > 0 && continues_utf8(text[end])) --end;
    return fmt::format("'{}{}'", without_controls(text.substr(0, end)),
                       end < text.size() ? "..." : "");
}

std::string one_of(const std::vector<std::string>& names) {
    if (names.size() < 2) return names.empty() ? "" : names.front();
    return fmt::format("{} or {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates,
                    std::size_t most_edits) {
    // A word much longer than any candidate is no misspelling, and comparing it would take its
    // time.
    constexpr std::size_t kLongestWord = 64;
    if (word.size() > kLongestWord) return "";
    const std::size_t allowed = std::clamp<std::size_t>(word.size() / 3, 1, most_edits);
    std::string best;
    std::size_t best_distance = allowed + 1;
    for (const std::string& candidate : candidates) {
        if (candidate.size() > word.size() + allowed) continue;
        const std::size_t distance = edit_distance(lower(word), lower(candidate));
        // Every letter of a one-letter word may be replaced: that is no likeness.
        if (distance < best_distance && distance < candidate.size()) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view suggestion) {
    return suggestion.empty() ? "" : fmt::format("; did you mean {}?", in_quotes(suggestion));
}

}  // namespace config
}  // namespace lpusim
