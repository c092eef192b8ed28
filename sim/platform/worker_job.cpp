#include "sim/platform/worker_job.h"

#include <nlohmann/json.hpp>

#include "sim/platform/scenario_json.h"

namespace lpusim {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const FileWithOverrides& file) {
    Json overrides = Json::array();
    for (const Override& change : file.overrides) {
        overrides.push_back({{"key", change.key}, {"value", change.value}});
    }
    return {{"path", file.path}, {"overrides", std::move(overrides)}};
}

FileWithOverrides file_from_json(const Json& json) {
    FileWithOverrides file;
    file.path = json.at("path").get<std::string>();
    for (const Json& change : json.at("overrides")) {
        file.overrides.push_back(
            {change.at("key").get<std::string>(), change.at("value").get<std::string>()});
    }
    return file;
}

}  // namespace

std::string encode(const WorkerJob& job) {
    const Json json = {{"hardware", to_json(job.hardware)},
                       {"model", to_json(job.model)},
                       {"format", to_json(job.format)},
                       {"scenario", effective_json(job.scenario)},
                       {"every_cycle", job.every_cycle},
                       {"fast_forward", job.fast_forward},
                       {"data", job.data},
                       {"data_file", job.data_weights.file},
                       {"data_in_out", job.data_weights.orientation == Orientation::InOut}};
    return json.dump();
}

WorkerJob decode_job(const std::string& text) {
    const Json json = Json::parse(text);
    WorkerJob job;
    job.hardware = file_from_json(json.at("hardware"));
    job.model = file_from_json(json.at("model"));
    job.format = file_from_json(json.at("format"));
    job.scenario = scenario_from_json(json.at("scenario"));
    job.every_cycle = json.at("every_cycle").get<bool>();
    job.fast_forward = json.at("fast_forward").get<bool>();
    job.data = json.at("data").get<bool>();
    job.data_weights.file = json.at("data_file").get<std::string>();
    if (json.at("data_in_out").get<bool>()) job.data_weights.orientation = Orientation::InOut;
    return job;
}

SimulationInput load_input(const WorkerJob& job) {
    SimulationInput input;
    input.hardware = load_hardware(job.hardware.path, job.hardware.overrides);
    input.model = load_model(job.model.path, job.model.overrides);
    input.format = load_format(job.format.path, job.format.overrides);
    input.scenario = job.scenario;
    input.every_cycle = job.every_cycle;
    input.fast_forward = job.fast_forward;
    input.data = job.data;
    input.data_weights = job.data_weights;
    return input;
}

}  // namespace lpusim
