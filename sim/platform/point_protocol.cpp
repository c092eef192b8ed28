#include "sim/platform/point_protocol.h"

#include <charconv>
#include <stdexcept>

#include "sim/platform/scenario_json.h"
#include "sim/result/result_json.h"
#include "sim/result/run_packing.h"

namespace lpusim {

namespace {

FileKind kind_named(const std::string& name) {
    for (const FileKind kind : {FileKind::Hardware, FileKind::Format, FileKind::Model}) {
        if (name == name_of(kind)) return kind;
    }
    throw std::runtime_error("unknown kind of file: " + name);
}

FailureCause cause_named(const std::string& name) {
    for (const FailureCause cause :
         {FailureCause::Inputs, FailureCause::TimeLimit, FailureCause::Memory}) {
        if (name == name_of(cause)) return cause;
    }
    return FailureCause::Crash;
}

Json to_json(const ChangedFile& file) {
    Json json = Json::array({file.file});
    for (const Override& change : file.overrides) {
        json.push_back(change.key);
        json.push_back(change.value);
    }
    return json;
}

ChangedFile changed_file_from(const Json& json) {
    ChangedFile file;
    file.file = json.at(0).get<std::size_t>();
    for (std::size_t i = 1; i + 1 < json.size(); i += 2) {
        file.overrides.push_back(
            {json.at(i).get<std::string>(), json.at(i + 1).get<std::string>()});
    }
    return file;
}

template <class Inputs, class Visit>
void for_each_input(Inputs& inputs, Visit visit) {
    visit("hardware_name", inputs.hardware_name);
    visit("model_name", inputs.model_name);
    visit("format_name", inputs.format_name);
    visit("hardware", inputs.hardware_json);
    visit("model", inputs.model_json);
    visit("format", inputs.format_json);
    visit("scenario", inputs.scenario_json);
    visit("content_hash", inputs.content_hash);
}

constexpr std::string_view kRunWord = "run ";

/// Nothing for half a line.
std::optional<PointAnswer> decode_run(std::string_view line) {
    line.remove_prefix(kRunWord.size());
    PointAnswer answer;
    const char* const end = line.data() + line.size();
    const auto [stop, error] = std::from_chars(line.data(), end, answer.id);
    if (error != std::errc() || stop == end) return std::nullopt;
    try {
        answer.run = unpack_run(line.substr(static_cast<std::size_t>(stop - line.data()) + 1));
    } catch (const ResultFormatError&) {
        return std::nullopt;
    }
    return answer;
}

std::string line_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string encode(const PointServerSetup& setup) {
    Json files = Json::array();
    for (const ConfigFile& file : setup.files) {
        files.push_back(
            {{"kind", name_of(file.kind())}, {"where", file.where()}, {"text", file.text()}});
    }
    return line_of({{"files", std::move(files)}, {"memory_bytes", setup.memory_bytes}});
}

PointServerSetup decode_setup(const std::string& text) {
    const Json json = Json::parse(text);
    PointServerSetup setup;
    setup.memory_bytes = json.at("memory_bytes").get<std::uint64_t>();
    for (const Json& file : json.at("files")) {
        setup.files.emplace_back(kind_named(file.at("kind").get<std::string>()),
                                 file.at("where").get<std::string>(),
                                 file.at("text").get<std::string>());
    }
    return setup;
}

std::string encode(const PointRequest& request) {
    return line_of({{"point", request.id},
                    {"hardware", to_json(request.hardware)},
                    {"model", to_json(request.model)},
                    {"format", to_json(request.format)},
                    {"scenario", effective_json(request.scenario)}});
}

PointRequest decode_request(std::string_view line) {
    const Json json = Json::parse(line);
    PointRequest request;
    request.id = json.at("point").get<std::uint64_t>();
    request.hardware = changed_file_from(json.at("hardware"));
    request.model = changed_file_from(json.at("model"));
    request.format = changed_file_from(json.at("format"));
    request.scenario = scenario_from_json(json.at("scenario"));
    return request;
}

std::string encode(const PointAnswer& answer) {
    if (!answer.failure) {
        return std::string(kRunWord) + std::to_string(answer.id) + " " + pack_run(answer.run) +
               "\n";
    }
    Json json = {{"point", answer.id}};
    Json inputs = Json::object();
    for_each_input(answer.run.point.inputs,
                   [&](const char* key, const std::string& value) { inputs[key] = value; });
    json["failure"] = {{"cause", name_of(answer.failure->cause)},
                       {"reason", answer.failure->reason},
                       {"inputs", std::move(inputs)}};
    return line_of(json);
}

std::optional<PointAnswer> decode_answer(std::string_view line) {
    if (line.substr(0, kRunWord.size()) == kRunWord) return decode_run(line);
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("failure")) return std::nullopt;
    PointAnswer answer;
    answer.id = json.at("point").get<std::uint64_t>();
    const Json& failure = json.at("failure");
    answer.failure = PointFailure{cause_named(failure.at("cause").get<std::string>()),
                                  failure.at("reason").get<std::string>()};
    for_each_input(answer.run.point.inputs, [&](const char* key, std::string& value) {
        value = failure.at("inputs").at(key).get<std::string>();
    });
    return answer;
}

}  // namespace lpusim
