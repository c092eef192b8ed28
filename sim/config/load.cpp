#include "sim/config/load.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <boost/algorithm/string/split.hpp>
#include <fmt/format.h>

#include "sim/config/claims_schema.h"
#include "sim/config/config_file.h"
#include "sim/config/format_schema.h"
#include "sim/config/hardware_schema.h"
#include "sim/config/hf_config.h"
#include "sim/config/model_schema.h"
#include "sim/config/slurm_schema.h"
#include "sim/config/text_file.h"
#include "sim/config/yaml_document.h"

namespace lpusim {

namespace {

using config::Diagnostics;
using config::YamlEntry;
using config::YamlNode;

constexpr std::array kKinds = {FileKind::Hardware, FileKind::Format, FileKind::Model,
                               FileKind::Sweep,    FileKind::Slurm,  FileKind::Claims};

bool is_json(const std::filesystem::path& path) { return path.extension() == ".json"; }

/// Whether a .json file is somebody else's. One that does not parse is left to the JSON parser's
/// errors.
bool is_foreign_json(const std::string& text) {
    const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    return !json.is_object() || !json.contains("kind");
}

std::vector<std::string> kind_names() {
    std::vector<std::string> names;
    names.reserve(kKinds.size());
    for (const FileKind kind : kKinds) names.emplace_back(name_of(kind));
    return names;
}

/// The value of `kind`. Without a valid one nothing else in a file means anything.
const std::string& require_kind(const YamlNode& root, const std::vector<std::string>& names,
                                Diagnostics& diagnostics) {
    const YamlNode* node = root.find("kind");
    if (node == nullptr) {
        diagnostics.fatal(root.at,
                          fmt::format("missing key 'kind'; allowed: {}", config::one_of(names)));
    }
    const bool is_known = std::find(names.begin(), names.end(), node->text) != names.end();
    if (node->kind == YamlNode::Kind::Scalar && is_known) return node->text;
    diagnostics.fatal(
        node->at,
        fmt::format("key 'kind': got {}; allowed: {}{}", node->shown(), config::one_of(names),
                    config::did_you_mean(config::nearest(node->text, names))));
}

void require_kind(const YamlNode& root, FileKind wanted, Diagnostics& diagnostics) {
    const std::string& kind = require_kind(root, kind_names(), diagnostics);
    if (kind == name_of(wanted)) return;
    diagnostics.fatal(
        root.find("kind")->at,
        fmt::format("key 'kind': got '{}', but a {} file is wanted here", kind, name_of(wanted)));
}

/// The value of a key, which is added if need be.
YamlNode& value_at(YamlNode& map, const std::string& key) {
    if (map.kind != YamlNode::Kind::Map) {
        map = {};
        map.kind = YamlNode::Kind::Map;
    }
    for (YamlEntry& entry : map.entries) {
        if (entry.key == key) return entry.value;
    }
    map.entries.push_back({key, {}, {}});
    return map.entries.back().value;
}

/// Replaces the value that an override names. Whether its key exists is for the schema to say.
void apply(const Override& change, YamlNode& root) {
    std::vector<std::string> keys;
    boost::algorithm::split(keys, change.key, [](char c) { return c == '.'; });
    YamlNode* node = &root;
    for (const std::string& key : keys) node = &value_at(*node, key);
    Diagnostics diagnostics(change.key + "=" + change.value);
    *node = config::parse_yaml_value(change.value, diagnostics);
    diagnostics.throw_if_any();
}

template <class Read>
auto read_with(Read read, YamlNode root, FileKind kind, const Overrides& overrides,
               Diagnostics& diagnostics) {
    for (const Override& change : overrides) apply(change, root);
    require_kind(root, kind, diagnostics);
    auto value = read(root, diagnostics);
    diagnostics.throw_if_any();
    return value;
}

/// config.json says nothing of a name; the folder that it was downloaded to does.
std::string hugging_face_name(const std::filesystem::path& path) {
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path().filename();
    const bool is_generic = path.stem() == "config" && !folder.empty();
    return is_generic ? folder.string() : path.stem().string();
}

/// A file's text; of a Hugging Face config.json, the text of the file of ours that says the same.
std::string own_text(FileKind kind, const std::filesystem::path& path) {
    std::string text = config::read_text_file(path);
    if (kind != FileKind::Model || !is_json(path) || !is_foreign_json(text)) return text;
    Diagnostics diagnostics(path.string());
    const Model model = config::read_hugging_face(text, hugging_face_name(path), diagnostics);
    diagnostics.throw_if_any();
    return effective_json(model).dump();
}

}  // namespace

const char* name_of(FileKind kind) {
    switch (kind) {
        case FileKind::Hardware:
            return "hardware";
        case FileKind::Format:
            return "format";
        case FileKind::Sweep:
            return "sweep";
        case FileKind::Model:
            return "model";
        case FileKind::Slurm:
            return "slurm";
        case FileKind::Claims:
            break;
    }
    return "claims";
}

ConfigFile::ConfigFile(FileKind kind, const std::filesystem::path& path)
    : ConfigFile(kind, path.string(), own_text(kind, path)) {}

ConfigFile::ConfigFile(FileKind kind, std::string where, std::string text)
    : kind_(kind), where_(std::move(where)), text_(std::move(text)) {
    Diagnostics diagnostics(where_);
    root_ = std::make_shared<const YamlNode>(config::parse_yaml(text_, diagnostics));
    // Keys that stand twice are errors, and only the parser sees them.
    diagnostics.throw_if_any();
}

HardwareConfig ConfigFile::hardware(const Overrides& overrides) const {
    Diagnostics diagnostics(where_);
    return read_with(config::read_hardware, *root_, FileKind::Hardware, overrides, diagnostics);
}
NumberFormat ConfigFile::format(const Overrides& overrides) const {
    Diagnostics diagnostics(where_);
    return read_with(config::read_format, *root_, FileKind::Format, overrides, diagnostics);
}
Model ConfigFile::model(const Overrides& overrides) const {
    Diagnostics diagnostics(where_);
    return read_with(config::read_model, *root_, FileKind::Model, overrides, diagnostics);
}

HardwareConfig load_hardware(const std::filesystem::path& path, const Overrides& overrides) {
    Diagnostics diagnostics(path.string());
    YamlNode root = config::parse_yaml(config::read_text_file(path), diagnostics);
    return read_with(config::read_hardware, std::move(root), FileKind::Hardware, overrides,
                     diagnostics);
}

NumberFormat load_format(const std::filesystem::path& path, const Overrides& overrides) {
    Diagnostics diagnostics(path.string());
    YamlNode root = config::parse_yaml(config::read_text_file(path), diagnostics);
    return read_with(config::read_format, std::move(root), FileKind::Format, overrides,
                     diagnostics);
}

NumberFormat parse_format(const std::string& text, const std::string& where) {
    Diagnostics diagnostics(where);
    return read_with(config::read_format, config::parse_yaml(text, diagnostics), FileKind::Format,
                     {}, diagnostics);
}

Model load_model(const std::filesystem::path& path, const Overrides& overrides) {
    Diagnostics diagnostics(path.string());
    YamlNode root = config::parse_yaml(own_text(FileKind::Model, path), diagnostics);
    return read_with(config::read_model, std::move(root), FileKind::Model, overrides, diagnostics);
}

Claims load_claims(const std::filesystem::path& path) {
    Diagnostics diagnostics(path.string());
    YamlNode root = config::parse_yaml(config::read_text_file(path), diagnostics);
    return read_with(config::read_claims, std::move(root), FileKind::Claims, {}, diagnostics);
}

SlurmSettings load_slurm(const std::filesystem::path& path, const Overrides& overrides) {
    Diagnostics diagnostics(path.string());
    YamlNode root = config::parse_yaml(config::read_text_file(path), diagnostics);
    return read_with(config::read_slurm, std::move(root), FileKind::Slurm, overrides, diagnostics);
}

FileKind detect_kind(const std::filesystem::path& path) {
    const std::string name = detect_kind(path, {});
    return *std::find_if(kKinds.begin(), kKinds.end(),
                         [&](FileKind kind) { return name == name_of(kind); });
}

std::string detect_kind(const std::filesystem::path& path, const std::vector<std::string>& more) {
    Diagnostics diagnostics(path.string());
    const std::string text = config::read_text_file(path);
    if (is_json(path) && is_foreign_json(text)) return name_of(FileKind::Model);
    std::vector<std::string> names = kind_names();
    for (const std::string& name : more) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return require_kind(config::parse_yaml(text, diagnostics), names, diagnostics);
}

std::vector<std::string> check_file(const std::filesystem::path& path) {
    try {
        switch (detect_kind(path)) {
            case FileKind::Hardware:
                load_hardware(path);
                break;
            case FileKind::Format:
                load_format(path);
                break;
            case FileKind::Model:
                load_model(path);
                break;
            case FileKind::Slurm:
                load_slurm(path);
                break;
            case FileKind::Sweep:
                throw std::invalid_argument("check_file() of a sweep file");
            case FileKind::Claims:
                load_claims(path);
                break;
        }
    } catch (const ConfigError& e) {
        return e.errors();
    }
    return {};
}

nlohmann::ordered_json effective_json(const HardwareConfig& config) {
    return config::hardware_json(config);
}
nlohmann::ordered_json effective_json(const NumberFormat& format) {
    return config::format_json(format);
}
nlohmann::ordered_json effective_json(const Model& model) { return config::model_json(model); }

}  // namespace lpusim
