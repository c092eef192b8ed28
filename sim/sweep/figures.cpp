#include "sim/sweep/figures.h"

#include <cmath>

#include "sim/report/metrics.h"

namespace lpusim {

namespace {

double real(std::uint64_t count) { return static_cast<double>(count); }

std::vector<Figure> make_figures() {
    const auto number = ValueType::Number;
    const auto text = ValueType::Text;
    using P = const Point&;
    return {
        {"tokens_per_second", number, [](P p) -> FigureValue { return tokens_per_second(p); },
         "what each user sees"},
        {"tokens_per_second_total", number,
         [](P p) -> FigureValue { return tokens_per_second_total(p); }, "over the batch"},
        {"seconds_per_token", number, [](P p) -> FigureValue { return seconds_per_token(p); },
         "steady state"},
        {"cold_seconds_per_token", number,
         [](P p) -> FigureValue { return cold_seconds_per_token(p); },
         "the first token on an empty machine"},
        {"cycles", number, [](P p) -> FigureValue { return real(p.cycles.count()); }, "per token"},
        {"effective_bits_per_weight", number,
         [](P p) -> FigureValue { return effective_bits_per_weight(p); },
         "codes, metadata and padding"},
        {"relative_rmse", number,
         [](P p) -> FigureValue { return p.quality ? p.quality->relative_rmse : std::nan(""); },
         "error of the format on its sample of weights, a share of 1"},
        {"stream_utilisation", number, [](P p) -> FigureValue { return stream_utilisation(p); },
         "achieved over peak, a share of 1"},
        {"mac_utilisation", number, [](P p) -> FigureValue { return mac_utilisation(p); },
         "useful multiply-accumulates over possible ones, a share of 1"},
        {"stream_bytes", number, [](P p) -> FigureValue { return real(p.stream.total().count()); },
         "per token"},
        {"model_bytes", number, [](P p) -> FigureValue { return real(p.model_bytes.count()); },
         "the model as stored"},
        {"sram_used_bytes", number, [](P p) -> FigureValue { return real(p.sram_used.count()); },
         "of SRAM"},
        {"sram_capacity_bytes", number,
         [](P p) -> FigureValue { return real(p.sram_capacity.count()); }, "of SRAM"},
        {"bottleneck_busy_share", number,
         [](P p) -> FigureValue { return bottleneck_busy_share(p); },
         "share of the cycles in which the busiest engine works"},
        {"bottleneck", text, [](P p) -> FigureValue { return p.bottleneck.unit; },
         "the module that binds, or 'dependency-bound'"},
        {"bottleneck_engine", text, [](P p) -> FigureValue { return p.bottleneck.engine; },
         "the engine that works most"},
        {"hardware_name", text, [](P p) -> FigureValue { return p.inputs.hardware_name; },
         "name in the file"},
        {"model_name", text, [](P p) -> FigureValue { return p.inputs.model_name; },
         "name in the file"},
        {"format_name", text, [](P p) -> FigureValue { return p.inputs.format_name; },
         "name in the file"},
    };
}

}  // namespace

const std::vector<Figure>& figures() {
    static const std::vector<Figure> kFigures = make_figures();
    return kFigures;
}

void add_figure_types(Expression::Types& types, bool has_comparison) {
    for (const Figure& figure : figures()) types.emplace(figure.name, figure.type);
    if (has_comparison) types.emplace(kSpeedUp, ValueType::Number);
}

FigureValue figure_of(const Point& point, const std::string& name) {
    for (const Figure& figure : figures()) {
        if (figure.name == name) return figure.of(point);
    }
    return std::nan("");
}

}  // namespace lpusim
