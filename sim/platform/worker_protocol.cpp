#include "sim/platform/worker_protocol.h"

#include "sim/result/result_json.h"

namespace lpusim {

std::string encode(const WorkerMessage& message) {
    Json json;
    if (const auto* progress = std::get_if<WorkerProgress>(&message)) {
        json["progress"] = progress->share;
    } else if (const auto* run = std::get_if<PointRun>(&message)) {
        json["result"] = to_json(*run);
    } else {
        json["error"] = std::get<WorkerError>(message).message;
    }
    // Messages may quote what a user wrote, in whatever encoding.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

WorkerMessage decode(std::string_view line) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.size() == 1) {
        const std::string& key = json.begin().key();
        const Json& value = json.front();
        if (key == "progress" && value.is_number()) return WorkerProgress{value.get<double>()};
        if (key == "result") return run_from_json(value);
        if (key == "error" && value.is_string()) return WorkerError{value.get<std::string>()};
    }
    constexpr std::size_t kShown = 200;
    throw ResultFormatError("a worker said what is no message: " +
                            std::string(line.substr(0, kShown)));
}

}  // namespace lpusim
