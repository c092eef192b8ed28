#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/report/metrics.h"
#include "sim/report/number_text.h"
#include "sim/report/report_tables.h"
#include "sim/report/table_units.h"

namespace lpusim {

namespace {
/// Two formats cost the same when their bits and their speed differ by less.
constexpr double kSameCost = 0.01;
/// And have the same error when it differs by less than this, of itself.
constexpr double kSameError = 0.05;

struct Judged {
    const Point* point = nullptr;
    double bits = 0;
    double error = 0;
    double speed = 0;
};

std::vector<Judged> judged_formats(const ReportPoints& points) {
    std::vector<Judged> judged;
    for (const Point* point : points.headline()) {
        if (!point->quality) continue;
        judged.push_back({point, effective_bits_per_weight(*point), point->quality->relative_rmse,
                          tokens_per_second(*point)});
    }
    return judged;
}

/// Nobody is at least as good in both and better in one.
template <class Better>
bool on_front(const Judged& candidate, const std::vector<Judged>& all, Better no_worse) {
    return std::none_of(all.begin(), all.end(), [&](const Judged& other) {
        return no_worse(other, candidate) && !no_worse(candidate, other);
    });
}

bool about(double a, double b, double tolerance) {
    return std::fabs(a - b) <= tolerance * std::max(a, b);
}

std::string verdict(const Judged& a, const Judged& b) {
    if (about(a.error, b.error, kSameError)) return "same cost, same error";
    const Judged& better = a.error < b.error ? a : b;
    const double less = 1 - std::min(a.error, b.error) / std::max(a.error, b.error);
    return fmt::format("same cost, {} has {:.0f} % less error", better.point->inputs.format_name,
                       kPercent * less);
}

}  // namespace

DataTable quality_table(const ReportPoints& points) {
    DataTable table{"quality",
                    {{"format", "format", ""},
                     {"effective_bits_per_weight", "effective bits per weight", ""},
                     {"tokens_per_second", "tokens/s per user", ""},
                     {"rmse_percent", "RMSE of weights", "%"},
                     {"front_bits", "nobody has fewer bits and less error", ""},
                     {"front_speed", "nobody is faster with less error", ""},
                     {"compared", "compared", "", ColumnShow::Hidden}},
                    {}};
    std::vector<Judged> judged = judged_formats(points);
    std::stable_sort(judged.begin(), judged.end(),
                     [](const Judged& a, const Judged& b) { return a.bits < b.bits; });
    for (const Judged& format : judged) {
        const bool front_bits = on_front(format, judged, [](const Judged& a, const Judged& b) {
            return a.bits <= b.bits && a.error <= b.error;
        });
        const bool front_speed = on_front(format, judged, [](const Judged& a, const Judged& b) {
            return a.speed >= b.speed && a.error <= b.error;
        });
        table.rows.push_back({format.point->inputs.format_name, format.bits, format.speed,
                              kPercent * format.error, front_bits, front_speed,
                              format.point == &points.base() || format.point == points.other()});
    }
    return table;
}

DataTable pairs_table(const ReportPoints& points) {
    DataTable table{"pairs",
                    {{"first", "format", ""},
                     {"first_bits", "bits", ""},
                     {"first_tokens", "tokens/s", ""},
                     {"first_rmse", "RMSE", "%"},
                     {"second", "against", ""},
                     {"second_bits", "bits", ""},
                     {"second_tokens", "tokens/s", ""},
                     {"second_rmse", "RMSE", "%"},
                     {"verdict", "so", ""}},
                    {}};
    const std::vector<Judged> judged = judged_formats(points);
    const auto add_pairs = [&](bool of_compared) {
        for (std::size_t i = 0; i < judged.size(); ++i) {
            for (std::size_t j = i + 1; j < judged.size(); ++j) {
                const Judged& a = judged[i];
                const Judged& b = judged[j];
                const auto is_compared = [&](const Judged& format) {
                    return format.point == &points.base() || format.point == points.other();
                };
                if ((is_compared(a) || is_compared(b)) != of_compared) continue;
                if (!about(a.bits, b.bits, kSameCost) || !about(a.speed, b.speed, kSameCost)) {
                    continue;
                }
                table.rows.push_back({a.point->inputs.format_name, a.bits, a.speed,
                                      kPercent * a.error, b.point->inputs.format_name, b.bits,
                                      b.speed, kPercent * b.error, verdict(a, b)});
            }
        }
    };
    add_pairs(true);
    add_pairs(false);
    return table;
}

DataTable layer_quality_table(const ReportSource& source) {
    DataTable table{"layer_quality",
                    {{"layer", "weight matrix", ""},
                     {"shape", "K × N", ""},
                     {"k", "K", "", ColumnShow::Hidden},
                     {"format", "format", ""},
                     {"rmse_percent", "RMSE of weights", "%"}},
                    {}};
    for (const LayerQuality& quality : source.layer_quality) {
        table.rows.push_back({quality.layer,
                              fmt::format("{} × {}", count_text(quality.k), count_text(quality.n)),
                              quality.k, quality.format, kPercent * quality.relative_rmse});
    }
    return table;
}

}  // namespace lpusim
