#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sim/result/content_hash.h"
#include "sim/result/result.h"

namespace lpusim {

/// A point of which only what tells points apart, and its time, means something.
inline Point report_point(const std::string& format, const std::string& bandwidth,
                          std::uint64_t cycles, std::uint32_t lanes = 256) {
    Point point;
    point.inputs.hardware_name = "chip";
    point.inputs.model_name = "toy";
    point.inputs.format_name = format;
    point.inputs.hardware_json = fmt::format(
        R"({{"kind":"hardware","name":"chip","stream":{{"weight":{{"bandwidth":"{}"}}}},"unpack":{{"lanes":{}}}}})",
        bandwidth, lanes);
    point.inputs.model_json = R"({"kind":"model","name":"toy"})";
    point.inputs.format_json = fmt::format(
        R"({{"kind":"format","name":"{}","code":{{"fields":[4]}},"group_size":64,"scales":[{{"per":"group","bits":16}}]}})",
        format);
    point.inputs.scenario_json =
        R"({"phase":"decode","batch":1,"context":2048,"kv_bits":8,"layers":0})";
    point.inputs.content_hash = content_hash(point.inputs);
    point.clock = Hertz(1'000'000'000);
    point.cycles = Cycles(cycles);
    point.weights = Weights(1'000'000);
    point.weight_bytes = Bytes(531'250);
    point.model_bytes = Bytes(600'000);
    point.bottleneck = {"WeightStream", "weight_stream", Cycles(cycles), {}};
    point.assumptions = {{"unpack.lanes", "256", "assumed", "made up"}};
    return point;
}

/// Formats a and b over 80 to 640 GB/s: the stream binds up to 160 GB/s, then the array's load
/// port; b gains 1 % or more up to 320 GB/s.
inline std::vector<Point> crossing_points() {
    struct Row {
        const char* bandwidth;
        std::uint64_t a, b;
        bool stream;
    };
    std::vector<Point> points;
    for (const Row& row :
         {Row{"80 GB/s", 10000, 9400, true}, Row{"160 GB/s", 5000, 4700, true},
          Row{"320 GB/s", 4000, 3900, false}, Row{"640 GB/s", 3800, 3800, false}}) {
        points.push_back(report_point("a", row.bandwidth, row.a));
        points.push_back(report_point("b", row.bandwidth, row.b));
        if (row.stream) continue;
        for (std::size_t i = points.size() - 2; i < points.size(); ++i) {
            points[i].bottleneck = {"MacArray", "mac_array.load", points[i].cycles, {}};
        }
    }
    return points;
}

}  // namespace lpusim
