#include "sim/report/envelope_section.h"

#include <algorithm>

#include <fmt/format.h>

namespace lpusim {

bool any_outside_envelope(const std::vector<Point>& points) {
    return std::any_of(points.begin(), points.end(),
                       [](const Point& point) { return !point.untested.empty(); });
}

std::string envelope_text(const Point& point) {
    const std::size_t count = point.untested.size();
    if (count == 0) return "inside";
    return fmt::format("OUTSIDE: {} setting{}", count, count == 1 ? "" : "s");
}

std::vector<std::string> untested_texts(const std::vector<Point>& points) {
    std::vector<std::string> settings;
    for (const Point& point : points) {
        for (const Untested& it : point.untested) {
            std::string text =
                printable(fmt::format("{} = {} (tested: {})", it.key, it.value, it.tested));
            if (std::find(settings.begin(), settings.end(), text) == settings.end()) {
                settings.push_back(std::move(text));
            }
        }
    }
    return settings;
}

std::string envelope_warning(const std::vector<Point>& points, const TextStyle& style) {
    if (!any_outside_envelope(points)) return "";
    std::string lines =
        wrapped_list("  OUTSIDE THE TESTED RANGES: ", untested_texts(points), style);
    lines += wrapped(
        "  ", "No test simulates such settings; docs/validation.md lists what is tested.", style);
    lines.pop_back();
    return "\n" + painted(lines, Paint::Highlight, style) + "\n";
}

}  // namespace lpusim
