#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/report/envelope_section.h"
#include "sim/report/metrics.h"
#include "sim/report/number_text.h"
#include "sim/report/side_by_side.h"
#include "sim/report/terminal_report.h"

namespace lpusim {

namespace {

constexpr int kDigits = 4;

/// Rows of one cell per point, under headings.
class Projection {
public:
    explicit Projection(const std::vector<Point>& points)
        : points_(points), table_(points.size(), 1) {}

    void heading(const std::string& text) {
        table_.add({}, {});
        table_.add({text, Paint::Bold}, {});
    }
    template <class TextOf>
    void row(const std::string& label, TextOf text_of, Paint paint = Paint::Plain) {
        std::vector<SideBySide::Group> groups;
        for (const Point& point : points_) groups.push_back({{text_of(point), paint}});
        table_.add({label.empty() ? "" : "  " + label}, std::move(groups));
    }
    /// A row whose figures share the unit of the largest: write(value, largest).
    template <class ValueOf, class Write>
    void scaled_row(const std::string& label, ValueOf value_of, Write write,
                    Paint paint = Paint::Plain) {
        auto largest = value_of(points_.front());
        for (const Point& point : points_) largest = std::max(largest, value_of(point));
        row(
            label, [&](const Point& p) { return write(value_of(p), largest); }, paint);
    }

    const std::vector<Point>& points() const { return points_; }
    std::string text(const TextStyle& style) const { return table_.text(kIndent, style); }

private:
    const std::vector<Point>& points_;
    SideBySide table_;
};

std::string decimal(Bytes bytes, Bytes largest) { return decimal_bytes_text(bytes, largest); }
std::string percent(double share) { return percent_text(share) + " %"; }

void add_size(Projection& table) {
    const auto weights = [](const Point& p) { return p.weight_bytes; };
    const auto model = [](const Point& p) { return p.model_bytes; };
    table.heading("Model size");
    table.scaled_row("weights in this format", weights, decimal);
    table.scaled_row("", weights, binary_bytes_text);
    table.scaled_row("all parameters", model, decimal);
    table.scaled_row("", model, binary_bytes_text);
    table.row("effective bits per weight",
              [](const Point& p) { return fmt::format("{:.4f}", effective_bits_per_weight(p)); });
}

void add_speed(Projection& table) {
    const Point& base = table.points().front();
    const bool batched = base.batch > 1;
    table.heading("Speed");
    table.row("cycles per token", [](const Point& p) { return count_text(p.cycles.count()); });
    table.scaled_row("time per token", seconds_per_token, seconds_text, Paint::Bold);
    // Next to the figures that it is about.
    if (any_outside_envelope(table.points())) {
        table.row("tested ranges", envelope_text, Paint::Highlight);
    }
    table.row(
        batched ? "tokens/s per sequence" : "tokens/s",
        [](const Point& p) { return real_text(tokens_per_second(p), kDigits); }, Paint::Bold);
    if (batched) {
        table.row("tokens/s in total",
                  [](const Point& p) { return real_text(tokens_per_second_total(p), kDigits); });
    }
    if (table.points().size() > 1) {
        table.row(
            "speed-up against " + base.inputs.format_name,
            [&](const Point& p) { return fmt::format("{:.3f}×", speed_up(base, p)); }, Paint::Bold);
    }
    table.scaled_row("first token, empty machine", cold_seconds_per_token, seconds_text);
}

/// Of the weights that question_section() names.
void add_quality(Projection& table) {
    if (!table.points().front().quality) return;
    table.heading("Error of the weights");
    table.row("relative RMSE", [](const Point& p) {
        return p.quality ? fmt::format("{:.2f} %", 100 * p.quality->relative_rmse) : "";
    });
}

void add_limits(Projection& table) {
    table.heading("What binds");
    table.row(
        "bottleneck", [](const Point& p) { return p.bottleneck.unit; }, Paint::Highlight);
    table.row("busiest engine", [](const Point& p) { return p.bottleneck.engine; });
    table.row("busy, of all cycles",
              [](const Point& p) { return percent(bottleneck_busy_share(p)); });
    table.row("stream, achieved ÷ peak",
              [](const Point& p) { return percent(stream_utilisation(p)); });
    table.row("MAC utilisation",
              [](const Point& p) { return real_text(mac_utilisation(p) * 100, 2) + " %"; });
}

void add_memory(Projection& table) {
    const Point& base = table.points().front();
    table.heading("Memory");
    table.scaled_row(
        "streamed per token", [](const Point& p) { return p.stream.total(); }, decimal);
    table.row("weights come from",
              [](const Point& p) { return p.weights_resident ? "SRAM" : "stream"; });
    table.row(fmt::format("KV cache ({})", decimal_bytes_text(base.kv_bytes)),
              [](const Point& p) { return p.kv_resident ? "SRAM" : "stream"; });
    table.scaled_row(
        fmt::format("SRAM used of {}", decimal_bytes_text(base.sram_capacity)),
        [](const Point& p) { return p.sram_used; }, decimal);
}

}  // namespace

/// Of runs that carried data.
void add_data(Projection& table) {
    if (!table.points().front().data) return;
    const auto row = [&](const char* label, auto text_of) {
        table.row(label, [&](const Point& p) { return p.data ? text_of(*p.data) : ""; });
    };
    table.heading("Data (every result compared)");
    row("results that agree", [](const DataCheck& d) { return count_text(d.elements); });
    row("partial sums equal to the bit",
        [](const DataCheck& d) { return count_text(d.partial_sums); });
    row("first layer against FP32",
        [](const DataCheck& d) { return fmt::format("{:.2f} %", 100 * d.layer_deviation); });
    row("logits against FP32",
        [](const DataCheck& d) { return fmt::format("{:.2f} %", 100 * d.logit_deviation); });
}

std::string projection_section(const std::vector<Point>& points, const TextStyle& style) {
    Projection table(points);
    table.row(
        "", [](const Point& p) { return p.inputs.format_name; }, Paint::Bold);
    add_size(table);
    add_speed(table);
    add_quality(table);
    add_limits(table);
    add_memory(table);
    add_data(table);
    return table.text(style);
}

}  // namespace lpusim
