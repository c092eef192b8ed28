#include "sim/report/result_document.h"

#include "sim/report/metrics.h"
#include "sim/result/versions.h"

namespace lpusim {

namespace {

/// The metrics that are shown behind the raw value they belong to.
void append_metrics(const std::string& key, const Point& point, Json& json) {
    if (key == "cycles") {
        json["seconds_per_token"] = seconds_per_token(point);
        json["tokens_per_second"] = tokens_per_second(point);
        json["tokens_per_second_total"] = tokens_per_second_total(point);
    } else if (key == "cold_cycles") {
        json["cold_seconds_per_token"] = cold_seconds_per_token(point);
    } else if (key == "model_bytes") {
        json["effective_bits_per_weight"] = effective_bits_per_weight(point);
    } else if (key == "peak_macs_per_cycle") {
        json["mac_utilisation"] = mac_utilisation(point);
        json["stream_bytes"] = point.stream.total().count();
        json["stream_utilisation"] = stream_utilisation(point);
        json["stream_achieved_bytes_per_second"] = achieved_stream_bytes_per_second(point);
        json["stream_peak_bytes_per_second"] = peak_stream_bytes_per_second(point);
    }
}

Json point_with_metrics(const Point& point) {
    Json json = Json::object();
    const Json raw = to_json(point);
    for (const auto& [key, value] : raw.items()) {
        json[key] = value;
        append_metrics(key, point, json);
    }
    json["bottleneck"]["busy_share"] = bottleneck_busy_share(point);
    return json;
}

Json with_speed(const SimulatorStats& stats) {
    Json json = to_json(stats);
    const auto cycles =
        static_cast<double>((stats.cycles_simulated + stats.cycles_skipped).count());
    json["cycles_per_second"] = stats.wall_seconds > 0 ? cycles / stats.wall_seconds : 0;
    return json;
}

}  // namespace

Json result_document(const std::vector<PointRun>& runs, const ToolInfo& tool) {
    Json points = Json::array();
    Json simulator = Json::array();
    for (const PointRun& run : runs) {
        points.push_back(point_with_metrics(run.point));
        simulator.push_back(with_speed(run.simulator));
    }
    return {{"schema_version", kSchemaVersion},
            {"tool",
             {{"name", "lpusim"},
              {"version", tool.version},
              {"git_revision", tool.git_revision},
              {"systemc_version", tool.systemc_version},
              {"timing_model_version", kTimingModelVersion}}},
            {"points", std::move(points)},
            {"simulator", {{"points", std::move(simulator)}}}};
}

std::string document_text(const Json& document) {
    constexpr int kJsonIndent = 2;
    return document.dump(kJsonIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lpusim
