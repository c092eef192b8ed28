#include "sim/sweep/sweep_parts.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "sim/config/data_files.h"

namespace lpusim {

namespace {

FileKind file_kind(SweepKey::Kind kind) {
    if (kind == SweepKey::Kind::Hardware) return FileKind::Hardware;
    return kind == SweepKey::Kind::Model ? FileKind::Model : FileKind::Format;
}

}  // namespace

bool is_given(const config::YamlNode& node) { return node.kind != config::YamlNode::Kind::Null; }

void SweepParts::error(config::Position at, const std::string& key, const std::string& message) {
    diagnostics_.error(at, fmt::format("key '{}': {}", key, message));
}

std::optional<SweepKey> SweepParts::key_named(const std::string& name, config::Position at) {
    try {
        return sweep_key(name);
    } catch (const KeyError& e) {
        diagnostics_.error(at, e.what());
        return std::nullopt;
    }
}

std::optional<Expression> SweepParts::expression(const config::YamlNode& node,
                                                 const std::string& key,
                                                 const Expression::Types& types,
                                                 const Expression::Units& units) {
    try {
        return Expression(config::text_of(node), types, units);
    } catch (const config::BadValue&) {
        error(node.at, key, fmt::format("got {}; allowed: an expression", node.shown()));
    } catch (const ExpressionError& e) {
        error(node.at, key, fmt::format("{}: {}", node.shown(), e.what()));
    }
    return std::nullopt;
}

std::vector<SweepSetting> SweepParts::settings(const config::YamlNode& node,
                                               const std::string& key) {
    std::vector<SweepSetting> settings;
    if (!is_given(node)) return settings;
    if (node.kind != config::YamlNode::Kind::Map || node.entries.empty()) {
        error(node.at, key, fmt::format("got {}; allowed: a map of keys to values", node.shown()));
        return settings;
    }
    for (const config::YamlEntry& entry : node.entries) {
        const auto setting_key = key_named(entry.key, entry.at);
        if (!setting_key) continue;
        const auto is_it = [&](const SweepSetting& set) { return set.key.is_same(*setting_key); };
        const auto known = std::find_if(settings.begin(), settings.end(), is_it);
        if (known != settings.end()) {
            error(entry.at, key + "." + entry.key, fmt::format("is '{}' again", known->key.name));
            continue;
        }
        try {
            SweepValue value = sweep_value(*setting_key, entry.value);
            if (setting_key->names_file()) {
                value.file = find(setting_key->kind, value.text, value.at);
            }
            settings.push_back({*setting_key, std::move(value)});
        } catch (const config::BadValue& bad) {
            error(entry.value.at, key + "." + entry.key,
                  fmt::format("got {}{}; allowed: {}{}", entry.value.shown(), bad.what(),
                              allowed_values(*setting_key), config::did_you_mean(bad.suggestion)));
        }
    }
    return settings;
}

std::filesystem::path SweepParts::find(SweepKey::Kind kind, const std::string& name,
                                       config::Position at) {
    const std::filesystem::path named = name;
    if (named.has_parent_path() || named.has_extension()) {
        std::error_code ignored;
        std::filesystem::path beside = path_.parent_path() / named;
        if (std::filesystem::is_regular_file(beside, ignored)) return beside;
    }
    try {
        return find_file(file_kind(kind), name);
    } catch (const ConfigError& e) {
        const std::string prefix = "error: ";
        const std::string& message = e.errors().front();
        const bool has_prefix = message.compare(0, prefix.size(), prefix) == 0;
        diagnostics_.error(at, has_prefix ? message.substr(prefix.size()) : message);
        return {};
    }
}

}  // namespace lpusim
