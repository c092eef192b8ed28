#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/report/envelope_section.h"
#include "sim/report/metrics.h"
#include "sim/report/number_text.h"
#include "sim/report/report_tables.h"
#include "sim/report/table_units.h"

namespace lpusim {

namespace {

constexpr int kFactDigits = 4;

std::string name_of(const Point& point) { return point.inputs.format_name; }

std::string time_text(const Point& point) {
    const double seconds = seconds_per_token(point);
    return seconds_text(seconds, seconds);
}

std::string speed_text(const Point& point) {
    return real_text(tokens_per_second(point), kFactDigits) + " tokens/s";
}

std::string factor_text(double factor) { return fmt::format("{:.3f}×", factor); }

/// "At 80 GB/s", "With its weights in SRAM".
std::string where_text(const Point& point) {
    if (point.weights_resident) return "With its weights in SRAM";
    return "At " + rate_text(static_cast<double>(point.stream_bandwidth.count()));
}

std::string asked_text(const Point& point) {
    const Json scenario = Json::parse(point.inputs.scenario_json);
    return fmt::format("{}, batch {}, context {}, {}-bit KV cache", scenario.value("phase", "?"),
                       count_text(point.batch), count_text(scenario.value("context", 0U)),
                       scenario.value("kv_bits", 0U));
}

std::string binds_text(const Point& point) {
    if (point.bottleneck.chain.empty()) {
        return fmt::format("{} binds ({} % busy)", bottleneck_text(point),
                           percent_text(bottleneck_busy_share(point)));
    }
    return "no unit binds, the operators wait for each other";
}

std::string both_bind_text(const ReportPoints& points) {
    const Point* other = points.other();
    if (other == nullptr) return binds_text(points.base());
    if (bottleneck_text(points.base()) == bottleneck_text(*other)) return binds_text(*other);
    return fmt::format("with {} {}, with {} {}", name_of(points.base()), binds_text(points.base()),
                       name_of(*other), binds_text(*other));
}

/// "1.062× as fast", "no faster"
std::string comparison_text(double speed_up) {
    constexpr double kEqual = 0.0005;
    if (std::abs(speed_up - 1) < kEqual) return "exactly as fast to three decimals";
    return factor_text(speed_up) + " as fast";
}

std::string answer_of(const ReportPoints& points) {
    const Point& base = points.base();
    const Point* other = points.other();
    if (other == nullptr) {
        return fmt::format("{}, a {} token takes {} with {} weights ({}); {}.", where_text(base),
                           base.inputs.model_name, time_text(base), name_of(base), speed_text(base),
                           both_bind_text(points));
    }
    return fmt::format(
        "{}, a {} token takes {} with {} weights and {} with {}: {} is {} "
        "({} against {}); {}.",
        where_text(base), base.inputs.model_name, time_text(*other), name_of(*other),
        time_text(base), name_of(base), name_of(*other), comparison_text(speed_up(base, *other)),
        speed_text(*other), speed_text(base), both_bind_text(points));
}

std::string bandwidth_answer(const ReportPoints& points) {
    const Point& shown = points.other() != nullptr ? *points.other() : points.base();
    const auto regions = binding_regions(bandwidth_series(points, shown));
    if (regions.empty()) return "";
    std::string text;
    if (regions.size() > 1) {
        text = fmt::format("With {}, {} binds up to {}; from {} on it is {}", name_of(shown),
                           regions.front().bottleneck, sweep_rate_text(regions.front().last),
                           sweep_rate_text(regions[1].first), regions[1].bottleneck);
        if (regions.size() > 2) text += ", and in the end " + regions.back().bottleneck;
        text += ".";
    } else {
        text = fmt::format("With {}, {} binds at every bandwidth from {} to {}.", name_of(shown),
                           regions.front().bottleneck, sweep_rate_text(regions.front().first),
                           sweep_rate_text(regions.front().last));
    }
    const auto pairs = compared_along(points, kBandwidthKey);
    if (pairs.empty()) return text;
    if (const auto lost = gain_lost(pairs)) {
        text += fmt::format(" The gain over {} is still 1 % or more at {} and gone at {}.",
                            name_of(points.base()), sweep_rate_text(lost->still),
                            sweep_rate_text(lost->gone));
    } else if (speed_up(*pairs.back().base, *pairs.back().other) >= kNoGain) {
        text += fmt::format(" The gain over {} lasts up to the {} that were simulated.",
                            name_of(points.base()), sweep_rate_text(pairs.back().value));
    }
    return text;
}

std::string ratio_assumptions_of(const ReportPoints& points) {
    const DataTable sensitivity = sensitivity_table(points);
    if (sensitivity.empty() || points.other() == nullptr) return "";
    const DataTable moved = ratio_assumptions_table(points);
    std::vector<std::string> keys;
    for (const auto& row : moved.rows) {
        const auto& key = std::get<std::string>(row[moved.column("key")]);
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
    const std::string ratio =
        fmt::format("the {} : {} ratio of {}", name_of(points.base()), name_of(*points.other()),
                    factor_text(speed_up(points.base(), *points.other())));
    if (keys.empty()) {
        return fmt::format(
            "No assumed number of the chip moves {} by more than 1 % when it is halved or doubled.",
            ratio);
    }
    return fmt::format("{} of more than 1 % in {} when halved or doubled: {}.",
                       keys.size() == 1
                           ? "One assumed number makes a difference"
                           : fmt::format("{} assumed numbers make a difference", keys.size()),
                       ratio, joined(keys));
}

std::string strongest_knob(const ReportPoints& points) {
    const DataTable table = sensitivity_table(points);
    if (table.empty()) return "";
    const std::size_t time =
        table.column(points.other() == nullptr ? "base_time_percent" : "other_time_percent");
    std::string text;
    for (const auto& row : table.rows) {
        if (std::get<std::uint64_t>(row[table.column("rank")]) != 0) break;
        if (!text.empty()) text += ", ";
        text += fmt::format("{} {:+.1f} %", std::get<std::string>(row[table.column("change")]),
                            std::get<double>(row[time]));
    }
    return fmt::format("{} matters most: {} time per token.",
                       std::get<std::string>(table.rows.front()[table.column("key")]), text);
}

std::string pair_text(const ReportPoints& points) {
    const DataTable pairs = pairs_table(points);
    for (const auto& row : pairs.rows) {
        const auto text = [&](const char* key) {
            return cell_text(pairs.columns[pairs.column(key)], row[pairs.column(key)]);
        };
        const auto is_other = [&](const char* key) {
            return points.other() != nullptr && text(key) == name_of(*points.other());
        };
        if (!is_other("first") && !is_other("second")) continue;
        return fmt::format("{} ({} bits, RMSE {} %) and {} ({} bits, RMSE {} %): {}.",
                           text("first"), text("first_bits"), text("first_rmse"), text("second"),
                           text("second_bits"), text("second_rmse"), text("verdict"));
    }
    return "";
}

std::string scaled_text(const Point& point) {
    if (point.layers_simulated == point.layers_total) return "";
    return fmt::format("Not the whole model: {} of {} layers were simulated.",
                       point.layers_simulated, point.layers_total);
}

std::string tested_ranges_warning(const ReportPoints& points) {
    const auto outside = static_cast<std::size_t>(
        std::count_if(points.all().begin(), points.all().end(),
                      [](const Point& point) { return !point.untested.empty(); }));
    if (outside == 0) return "";
    return fmt::format(
        "{} of {} points lie outside the ranges that tests simulate "
        "(docs/validation.md): {}.",
        outside, points.all().size(), joined(untested_texts(points.all())));
}

std::string notes_text(const ReportPoints& points) {
    std::vector<std::string> notes;
    for (const Point* point : points.headline()) {
        for (const std::string& note : point->notes) {
            if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
        }
    }
    return fmt::format("{}", fmt::join(notes, " "));
}

std::string quality_source(const ReportPoints& points) {
    return points.base().quality ? points.base().quality->source : "";
}

}  // namespace

Facts report_facts(const ReportSource& source) {
    const ReportPoints& points = source.points;
    const Point& base = points.base();
    const Point* other = points.other();
    std::vector<std::string> formats;
    for (const Point* point : points.headline()) formats.push_back(name_of(*point));
    const std::vector<std::string> compared =
        other == nullptr ? std::vector<std::string>{name_of(base)}
                         : std::vector<std::string>{name_of(base), name_of(*other)};

    Facts facts;
    const auto add = [&](const std::string& name, const std::string& text) {
        if (!text.empty()) facts[name] = text;
    };
    add("model", base.inputs.model_name);
    add("hardware", base.inputs.hardware_name);
    add("formats", joined(formats));
    add("compared", joined(compared));
    add("scenario", asked_text(base));
    add("bandwidth", rate_text(static_cast<double>(base.stream_bandwidth.count())));
    add("effective_bandwidth", rate_text(peak_stream_bytes_per_second(base)));
    add("parameters", count_text(base.parameters));
    add("layers", count_text(base.layers_simulated));
    add("point_count", count_text(points.all().size()));
    add("assumption_count", count_text(base.assumptions.size()));
    add("base", name_of(base));
    add("base_time", time_text(base));
    add("base_tokens", speed_text(base));
    add("base_bits", fmt::format("{:.3f}", effective_bits_per_weight(base)));
    if (other != nullptr) {
        add("other", name_of(*other));
        add("other_time", time_text(*other));
        add("other_tokens", speed_text(*other));
        add("other_bits", fmt::format("{:.3f}", effective_bits_per_weight(*other)));
        add("speed_up", factor_text(speed_up(base, *other)));
        add("bits_ratio",
            factor_text(effective_bits_per_weight(base) / effective_bits_per_weight(*other)));
    }
    const Point& shown = other == nullptr ? base : *other;
    add("bottleneck", bottleneck_text(shown));
    add("bottleneck_share", percent_text(bottleneck_busy_share(shown)) + " %");
    add("mac_utilisation", real_text(kPercent * mac_utilisation(shown), 2) + " %");
    add("answer", answer_of(points));
    add("bandwidth_answer", bandwidth_answer(points));
    add("ratio_assumptions", ratio_assumptions_of(points));
    add("strongest_knob", strongest_knob(points));
    add("pair", pair_text(points));
    add("layers_warning", scaled_text(base));
    add("tested_ranges_warning", tested_ranges_warning(points));
    add("notes", notes_text(points));
    add("quality_source", quality_source(points));
    add("layer_quality_source", source.layer_quality_source);
    return facts;
}

ReportVocabulary report_vocabulary() {
    ReportVocabulary vocabulary;
    vocabulary.tables = {"comparison",
                         "projection",
                         "machines",
                         "units",
                         "operators",
                         "bandwidth",
                         "bandwidth_regions",
                         "crossovers",
                         "series",
                         "roofline",
                         "roof",
                         "sensitivity",
                         "tornado",
                         "tornado_ratio",
                         "ratio_assumptions",
                         "quality",
                         "pairs",
                         "sizes",
                         "layer_quality",
                         "packing",
                         "formats",
                         "assumptions",
                         "configuration",
                         "provenance",
                         "points"};
    vocabulary.facts = {"model",
                        "hardware",
                        "formats",
                        "compared",
                        "scenario",
                        "bandwidth",
                        "effective_bandwidth",
                        "parameters",
                        "layers",
                        "point_count",
                        "assumption_count",
                        "base",
                        "base_time",
                        "base_tokens",
                        "base_bits",
                        "other",
                        "other_time",
                        "other_tokens",
                        "other_bits",
                        "speed_up",
                        "bits_ratio",
                        "bottleneck",
                        "bottleneck_share",
                        "mac_utilisation",
                        "answer",
                        "bandwidth_answer",
                        "ratio_assumptions",
                        "strongest_knob",
                        "pair",
                        "layers_warning",
                        "tested_ranges_warning",
                        "notes",
                        "quality_source",
                        "layer_quality_source"};
    return vocabulary;
}

}  // namespace lpusim
