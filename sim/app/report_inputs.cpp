#include "sim/app/report_inputs.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "sim/app/input_errors.h"
#include "sim/result/result_store.h"
#include "sim/result/versions.h"

namespace lpusim::app {

namespace {

std::string read_whole(const std::string& path) {
    // It opens as a file does, and throws when it is read.
    if (std::filesystem::is_directory(path)) {
        throw InputError(fmt::format("error: {}: is a folder, not a file", path));
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) throw InputError(fmt::format("error: {}: cannot be read", path));
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (file.bad()) throw InputError(fmt::format("error: {}: cannot be read", path));
    return text;
}

void require_version(const Json& document, const std::string& path) {
    const Json version = document.value("schema_version", Json());
    if (version == kSchemaVersion) return;
    throw InputError(fmt::format("error: {}: schema_version is {}; this lpusim reads {}", path,
                                 version.dump(), kSchemaVersion));
}

void add_points(const Json& document, const std::string& path, ReportInputs& inputs) {
    std::size_t index = 0;
    for (const Json& point : document.at("points")) {
        try {
            inputs.points.push_back(point_from_json(point));
        } catch (const ResultFormatError& e) {
            throw InputError(fmt::format("error: {}: points[{}]: {}", path, index, e.what()));
        }
        ++index;
    }
}

void add_tensors(const Json& document, const std::string& path, ReportInputs& inputs) {
    try {
        inputs.layer_quality_source = document.at("weights").get<std::string>();
        for (const Json& row : document.at("tensors")) {
            if (row.at("relative_rmse").is_null()) continue;
            inputs.layer_quality.push_back(
                {row.at("tensor").get<std::string>(), row.at("format").get<std::string>(),
                 row.at("k").get<std::uint64_t>(), row.at("n").get<std::uint64_t>(),
                 row.at("relative_rmse").get<double>()});
        }
    } catch (const nlohmann::json::exception& e) {
        throw InputError(
            fmt::format("error: {}: no document of lpusim quantize: {}", path, e.what()));
    }
}

bool is_store(const std::string& path) {
    constexpr std::string_view kMagic = "SQLite format 3";
    std::string begin(kMagic.size(), '\0');
    std::ifstream file(path, std::ios::binary);
    return file.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == kMagic;
}

void read_store(const std::string& path, ReportInputs& inputs) {
    try {
        ResultStore::open(path).for_each_point(
            [&](const Point& point) { inputs.points.push_back(point); });
    } catch (const StoreError& e) {
        throw InputError(fmt::format("error: {}", e.what()));
    }
}

void read_document(const std::string& path, ReportInputs& inputs) {
    if (is_store(path)) {
        read_store(path, inputs);
        return;
    }
    const Json document = Json::parse(read_whole(path), nullptr, /*allow_exceptions=*/false);
    const bool has_points = document.is_object() && document.contains("points");
    const bool has_tensors = document.is_object() && document.contains("tensors");
    if (!has_points && !has_tensors) {
        throw InputError(fmt::format(
            "error: {}: is no result; allowed: JSON documents of lpusim run, sensitivity or "
            "quantize, and result stores of lpusim sweep",
            path));
    }
    require_version(document, path);
    if (has_points) {
        add_points(document, path, inputs);
    } else {
        add_tensors(document, path, inputs);
    }
}

}  // namespace

ReportInputs read_report_inputs(const std::vector<std::string>& paths) {
    ReportInputs inputs;
    InputErrors errors;
    for (const std::string& path : paths) {
        errors.collect([&] { read_document(path, inputs); });
    }
    errors.throw_if_any();
    return inputs;
}

}  // namespace lpusim::app
