#include "sim/report/terminal_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/report/envelope_section.h"
#include "sim/report/metrics.h"
#include "sim/report/number_text.h"

namespace lpusim {

namespace {

std::string scenario_text(const Point& point) {
    const auto scenario = nlohmann::json::parse(point.inputs.scenario_json);
    return fmt::format("{}, batch {}, context {}, {}-bit KV cache", scenario.value("phase", "?"),
                       count_text(point.batch), count_text(scenario.value("context", 0U)),
                       scenario.value("kv_bits", 0U));
}

std::string stream_text(const Point& point) {
    std::string text =
        "weight stream " + rate_text(static_cast<double>(point.stream_bandwidth.count()));
    if (point.stream_deviation_ppm > 0) {
        text +=
            fmt::format(", in effect {} ({:.1f} ppm less)",
                        rate_text(peak_stream_bytes_per_second(point)), point.stream_deviation_ppm);
    }
    return point.weights_resident ? text + ", weights resident in SRAM" : text;
}

std::string layers_text(const Point& point) {
    if (point.layers_simulated == point.layers_total) {
        return fmt::format("all {} layers simulated", point.layers_total);
    }
    return fmt::format("{} of {} layers simulated", point.layers_simulated, point.layers_total);
}

std::string labelled(std::string_view label, const std::string& text, const TextStyle& style) {
    constexpr std::size_t kLabel = 10;
    return wrapped(fmt::format("{:{}}{:<{}}", "", kIndent, label, kLabel), printable(text), style);
}

std::string layers_warning(const Point& point, const TextStyle& style) {
    if (point.layers_simulated == point.layers_total) return "";
    const std::string text =
        fmt::format("NOT THE WHOLE MODEL: figures are of {} of {} layers and the LM head.",
                    point.layers_simulated, point.layers_total);
    std::string lines = wrapped("  ", text, style);
    lines.pop_back();
    return "\n" + painted(lines, Paint::Highlight, style) + "\n";
}

/// Notes that all points share stand for themselves, others behind the name of their format.
std::vector<std::string> merged_notes(const std::vector<Point>& points) {
    std::vector<std::string> merged;
    const auto add = [&](std::string note) {
        if (std::find(merged.begin(), merged.end(), note) == merged.end()) {
            merged.push_back(std::move(note));
        }
    };
    for (const Point& point : points) {
        for (const std::string& note : point.notes) {
            const bool shared = std::all_of(points.begin(), points.end(), [&](const Point& other) {
                return std::count(other.notes.begin(), other.notes.end(), note) != 0;
            });
            add(shared ? note : point.inputs.format_name + ": " + note);
        }
        if (!point.bottleneck.chain.empty()) {
            add(fmt::format("{}: no unit binds; half of the time passes in {}",
                            point.inputs.format_name, fmt::join(point.bottleneck.chain, ", ")));
        }
    }
    return merged;
}

/// "stream.weight.latency" belongs to "stream", where it is "weight.latency".
std::string group_of(const Assumption& assumption) {
    return assumption.key.substr(0, assumption.key.find('.'));
}
std::string name_in_group(const Assumption& assumption) {
    const std::size_t dot = assumption.key.find('.');
    return dot == std::string::npos ? "" : assumption.key.substr(dot + 1);
}

std::string assumptions_text(const std::vector<Assumption>& assumptions, const TextStyle& style) {
    const bool one = assumptions.size() == 1;
    std::string text = wrapped(
        "  ",
        fmt::format("{} value{} of the hardware file {} assumed, neither published nor derived:",
                    assumptions.size(), one ? "" : "s", one ? "is" : "are"),
        style);

    std::size_t label_width = 0;
    for (const Assumption& a : assumptions) {
        label_width = std::max(label_width, display_width(group_of(a)));
    }
    for (std::size_t i = 0; i < assumptions.size();) {
        const std::string group = group_of(assumptions[i]);
        std::vector<std::string> items;
        for (; i < assumptions.size() && group_of(assumptions[i]) == group; ++i) {
            const std::string name = name_in_group(assumptions[i]);
            items.push_back(name.empty() ? assumptions[i].value
                                         : name + " " + assumptions[i].value);
        }
        text +=
            wrapped_list(fmt::format("    {:<{}}  ", printable(group), label_width), items, style);
    }
    return text;
}

}  // namespace

std::string question_section(const std::vector<Point>& points, const TextStyle& style) {
    const Point& point = points.front();
    const PointInputs& inputs = point.inputs;
    std::string text = painted(printable(fmt::format("{} on {}: time per token", inputs.model_name,
                                                     inputs.hardware_name)),
                               Paint::Bold, style) +
                       "\n\n";
    text += labelled("scenario", scenario_text(point), style);
    text += labelled("model",
                     fmt::format("{}, {} parameters, {}", inputs.model_name,
                                 count_text(point.parameters), layers_text(point)),
                     style);
    text += labelled("hardware",
                     fmt::format("{}, {}, {}", inputs.hardware_name, frequency_text(point.clock),
                                 stream_text(point)),
                     style);
    if (point.quality) {
        text += labelled("RMSE of", fmt::format("weights of {}", point.quality->source), style);
    }
    return text + layers_warning(point, style) + envelope_warning(points, style);
}

std::string provenance_section(const std::vector<Point>& points, const TextStyle& style) {
    const std::vector<std::string> notes = merged_notes(points);
    const std::vector<Assumption>& assumptions = points.front().assumptions;
    std::string text = painted("What these figures rest on", Paint::Bold, style) + "\n\n";
    text +=
        wrapped("  - ",
                "no timing was compared with silicon: docs/validation.md says what was checked, "
                "and how",
                style);
    for (const std::string& note : notes) text += wrapped("  - ", printable(note), style);
    if (!assumptions.empty()) {
        text += "\n" + assumptions_text(assumptions, style);
    }
    return text;
}

std::string terminal_report(const std::vector<Point>& points, const TextStyle& style) {
    if (points.empty()) return "";
    std::string text = question_section(points, style);
    text += "\n" + projection_section(points, style);
    for (const Point& point : points) text += "\n" + account_section(point, style);
    text += "\n" + operator_section(points, style);
    return text + "\n" + provenance_section(points, style);
}

}  // namespace lpusim
