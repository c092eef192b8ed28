#include "sim/sweep/sweep_key.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "sim/config/format_schema.h"
#include "sim/config/hardware_schema.h"
#include "sim/config/model_schema.h"
#include "sim/config/sweep_schema.h"

namespace lpusim {

namespace {

using Kind = SweepKey::Kind;
using config::SchemaDoc;

struct Word {
    const char* name;
    Kind kind;
};
constexpr std::array kWords = {Word{"hardware", Kind::Hardware}, Word{"model", Kind::Model},
                               Word{"format", Kind::Format},     Word{"batch", Kind::Batch},
                               Word{"context", Kind::Context},   Word{"kv_bits", Kind::KvBits}};

struct Source {
    const SchemaDoc& doc;
    Kind kind;
};
std::array<Source, 3> sources() {
    return {Source{config::hardware_doc(), Kind::HardwareValue},
            Source{config::model_doc(), Kind::ModelValue},
            Source{config::format_doc(), Kind::FormatValue}};
}

/// Names and prose do not change what is simulated.
bool can_be_varied(const std::string& path) {
    return path != "name" && path != "description" && path != "source";
}

std::vector<SweepKey> keys_with_path(const std::string& path, const std::string& name) {
    std::vector<SweepKey> keys;
    for (const Source& source : sources()) {
        for (const config::FieldDoc& field : source.doc.fields) {
            if (field.key == path && can_be_varied(path)) keys.push_back({source.kind, name, path});
        }
    }
    return keys;
}

std::string prefix_of(Kind kind) {
    for (const Source& source : sources()) {
        if (source.kind == kind) return source.doc.kind + ".";
    }
    return "";
}

std::vector<std::string> all_names() {
    std::vector<std::string> names;
    names.reserve(kWords.size());
    for (const Word& word : kWords) names.emplace_back(word.name);
    for (const Source& source : sources()) {
        for (const config::FieldDoc& field : source.doc.fields) {
            if (can_be_varied(field.key)) names.push_back(field.key);
        }
    }
    return names;
}

[[noreturn]] void fail_unknown(const std::string& name) {
    const std::vector<std::string> names = all_names();
    // The last part of a path alone.
    std::vector<std::string> elsewhere;
    for (const std::string& candidate : names) {
        const std::size_t dot = candidate.rfind('.');
        if (dot == std::string::npos || candidate.substr(dot + 1) != name) continue;
        elsewhere.push_back("'" + candidate + "'");
    }
    if (!elsewhere.empty()) {
        throw KeyError(fmt::format("unknown key {}; did you mean {}?", config::in_quotes(name),
                                   config::one_of(elsewhere)));
    }
    const std::string meant = config::nearest(name, names);
    throw KeyError(fmt::format(
        "unknown key {}{}", config::in_quotes(name),
        meant.empty() ? "; allowed: hardware, model, format, batch, context, kv_bits, or a key of "
                        "these files ('lpusim describe' lists them)"
                      : config::did_you_mean(meant)));
}

const config::FieldDoc& doc_of(const SweepKey& key) {
    for (const Source& source : sources()) {
        if (source.kind != key.kind) continue;
        for (const config::FieldDoc& field : source.doc.fields) {
            if (field.key == key.path) return field;
        }
    }
    throw std::logic_error("no key of a file: " + key.name);
}

const config::Choice<std::uint32_t>& kv_bits_type() {
    static const config::Choice<std::uint32_t> kType({{"8", 8}, {"16", 16}});
    return kType;
}

constexpr const char* kFile = "a file, or the name of a shipped one";

}  // namespace

SweepKey sweep_key(const std::string& name) {
    for (const Word& word : kWords) {
        if (name == word.name) return {word.kind, name, ""};
    }
    for (const Source& source : sources()) {
        const std::string prefix = source.doc.kind + ".";
        if (name.compare(0, prefix.size(), prefix) != 0) continue;
        for (SweepKey& key : keys_with_path(name.substr(prefix.size()), name)) {
            if (key.kind == source.kind) return key;
        }
    }
    const std::vector<SweepKey> keys = keys_with_path(name, name);
    if (keys.empty()) fail_unknown(name);
    if (keys.size() == 1) return keys.front();
    std::vector<std::string> candidates;
    candidates.reserve(keys.size());
    for (const SweepKey& key : keys) candidates.push_back("'" + prefix_of(key.kind) + name + "'");
    throw KeyError(fmt::format("key '{}' is of several kinds of files; write {}", name,
                               config::one_of(candidates)));
}

std::string allowed_values(const SweepKey& key) {
    switch (key.kind) {
        case Kind::Hardware:
        case Kind::Model:
        case Kind::Format:
            return kFile;
        case Kind::Batch:
            return config::kBatch.allowed();
        case Kind::Context:
            return config::kContext.allowed();
        case Kind::KvBits:
            return kv_bits_type().allowed();
        default:
            return doc_of(key).allowed;
    }
}

void check_value(const SweepKey& key, const config::YamlNode& node) {
    switch (key.kind) {
        case Kind::Hardware:
        case Kind::Model:
        case Kind::Format:
            config::text_of(node);
            break;
        case Kind::HardwareValue:
            config::check_hardware_value(key.path, node);
            break;
        case Kind::ModelValue:
            config::check_model_value(key.path, node);
            break;
        case Kind::FormatValue:
            config::check_format_value(key.path, node);
            break;
        case Kind::Batch:
            config::kBatch.read(node);
            break;
        case Kind::Context:
            config::kContext.read(node);
            break;
        case Kind::KvBits:
            kv_bits_type().read(node);
            break;
    }
}

}  // namespace lpusim
