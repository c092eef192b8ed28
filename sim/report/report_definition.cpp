#include "sim/report/report_definition.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "sim/config/diagnostics.h"
#include "sim/config/json_document.h"
#include "sim/config/text_file.h"
#include "sim/config/value_types.h"
#include "sim/report/escape.h"

namespace lpusim {

namespace {

using config::Diagnostics;
using config::Position;
using config::YamlEntry;
using config::YamlNode;

/// Facts that a text names.
std::vector<std::string> facts_in(const std::string& text) {
    std::vector<std::string> names;
    for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at)) {
        if (text.compare(at, 2, "{{") == 0) {
            at += 2;
            continue;
        }
        const std::size_t end = text.find('}', at);
        if (end == std::string::npos) {
            names.push_back(text.substr(at + 1));
            break;
        }
        names.push_back(text.substr(at + 1, end - at - 1));
        at = end;
    }
    return names;
}

/// Every object of a specification that could load something has a "url" or a "signal" for one.
bool loads_something(const Json& json) {
    if (json.is_object() && json.contains("url")) return true;
    return std::any_of(json.begin(), json.end(), [](const Json& part) {
        return part.is_structured() && loads_something(part);
    });
}

class DefinitionReader {
public:
    DefinitionReader(std::filesystem::path path, const ReportVocabulary& vocabulary)
        : path_(std::move(path)), vocabulary_(vocabulary), diagnostics_(path_.string()) {}

    ReportDefinition read() {
        const YamlNode root = config::parse_yaml(config::read_text_file(path_), diagnostics_);
        ReportDefinition definition;
        read_map(root, "", {"kind", "name", "title", "sections"}, {"description"},
                 [&](const std::string& key, const YamlNode& node) {
                     if (key == "kind") require_kind(node);
                     if (key == "name") definition.name = plain(node, key);
                     if (key == "title") definition.title = text(node, key);
                     if (key == "description") definition.description = text(node, key);
                     if (key == "sections") {
                         for_each_item(node, key, [&](const YamlNode& item, const std::string& at) {
                             definition.sections.push_back(section(item, at));
                         });
                     }
                 });
        diagnostics_.throw_if_any();
        return definition;
    }

private:
    void error(const YamlNode& node, const std::string& path, const std::string& what) {
        diagnostics_.error(node.at, fmt::format("key '{}': {}", path, what));
    }

    void require_kind(const YamlNode& node) {
        if (node.text != "report") {
            error(node, "kind", fmt::format("got {}; allowed: report", node.shown()));
        }
    }

    /// Calls use(key, value) for the keys of a map, and reports those that are missing or unknown.
    template <class Use>
    void read_map(const YamlNode& map, const std::string& path,
                  const std::vector<std::string>& required,
                  const std::vector<std::string>& optional, Use use) {
        if (map.kind != YamlNode::Kind::Map) {
            error(map, path, fmt::format("got {}; allowed: a map", map.shown()));
            return;
        }
        std::vector<std::string> allowed = required;
        allowed.insert(allowed.end(), optional.begin(), optional.end());
        for (const YamlEntry& entry : map.entries) {
            if (std::find(allowed.begin(), allowed.end(), entry.key) != allowed.end()) {
                use(entry.key, entry.value);
                continue;
            }
            diagnostics_.error(
                entry.at, fmt::format("unknown key '{}'; allowed: {}{}", below(path, entry.key),
                                      config::one_of(allowed),
                                      config::did_you_mean(config::nearest(entry.key, allowed))));
        }
        for (const std::string& key : required) {
            if (map.find(key) != nullptr) continue;
            diagnostics_.error(map.at, fmt::format("missing key '{}'", below(path, key)));
        }
    }

    template <class Use>
    void for_each_item(const YamlNode& list, const std::string& path, Use use) {
        if (list.kind != YamlNode::Kind::List) {
            error(list, path, fmt::format("got {}; allowed: a list", list.shown()));
            return;
        }
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            use(list.items[i], fmt::format("{}[{}]", path, i));
        }
    }

    static std::string below(const std::string& path, const std::string& key) {
        return path.empty() ? key : path + "." + key;
    }

    std::string plain(const YamlNode& node, const std::string& path) {
        constexpr std::size_t kLongest = 4000;
        if (node.kind != YamlNode::Kind::Scalar || node.text.empty() ||
            node.text.size() > kLongest) {
            error(node, path, fmt::format("got {}; allowed: a text", node.shown()));
        }
        return node.text;
    }

    /// A text that may name facts.
    std::string text(const YamlNode& node, const std::string& path) {
        std::string text = plain(node, path);
        for (const std::string& fact : facts_in(text)) {
            const auto& facts = vocabulary_.facts;
            if (std::find(facts.begin(), facts.end(), fact) != facts.end()) continue;
            error(node, path,
                  fmt::format("no fact is called {}; allowed: {}{}", config::in_quotes(fact),
                              config::one_of(facts),
                              config::did_you_mean(config::nearest(fact, facts))));
        }
        return text;
    }

    std::string table(const YamlNode& node, const std::string& path) {
        const auto& tables = vocabulary_.tables;
        if (std::find(tables.begin(), tables.end(), node.text) == tables.end()) {
            error(node, path,
                  fmt::format("got {}; allowed: {}{}", node.shown(), config::one_of(tables),
                              config::did_you_mean(config::nearest(node.text, tables))));
        }
        return node.text;
    }

    /// Each id once: they are anchors and file names.
    std::string id(const YamlNode& node, const std::string& path, std::set<std::string>& ids) {
        std::string id = plain(node, path);
        if (identifier(id) != id) {
            error(node, path,
                  fmt::format("got {}; allowed: letters, digits, '-' and '_'", node.shown()));
        } else if (!ids.insert(id).second) {
            error(node, path, fmt::format("{} stands twice", node.shown()));
        }
        return id;
    }

    ReportSection section(const YamlNode& node, const std::string& path) {
        ReportSection section;
        read_map(node, path, {"id", "title"},
                 {"needs", "otherwise", "text", "tiles", "charts", "tables"},
                 [&](const std::string& key, const YamlNode& value) {
                     const std::string at = below(path, key);
                     if (key == "id") section.id = id(value, at, section_ids_);
                     if (key == "title") section.title = text(value, at);
                     if (key == "needs") section.needs = needs(value, at);
                     if (key == "otherwise") section.otherwise = text(value, at);
                     read_content(section, key, value, at);
                 });
        if (!section.needs.empty() && section.otherwise.empty()) {
            diagnostics_.error(node.at, fmt::format("missing key '{}': what to say when the "
                                                    "results do not hold what the section needs",
                                                    below(path, "otherwise")));
        }
        return section;
    }

    void read_content(ReportSection& section, const std::string& key, const YamlNode& value,
                      const std::string& path) {
        if (key == "text") {
            for_each_item(value, path, [&](const YamlNode& item, const std::string& at) {
                section.text.push_back(text(item, at));
            });
        } else if (key == "tiles") {
            for_each_item(value, path, [&](const YamlNode& item, const std::string& at) {
                section.tiles.push_back(tile(item, at));
            });
        } else if (key == "charts") {
            for_each_item(value, path, [&](const YamlNode& item, const std::string& at) {
                section.charts.push_back(chart(item, at));
            });
        } else if (key == "tables") {
            for_each_item(value, path, [&](const YamlNode& item, const std::string& at) {
                section.tables.push_back(table_use(item, at));
            });
        }
    }

    std::map<std::string, std::size_t> needs(const YamlNode& node, const std::string& path) {
        std::map<std::string, std::size_t> needs;
        read_map(node, path, {}, vocabulary_.tables,
                 [&](const std::string& key, const YamlNode& value) {
                     try {
                         needs[key] = config::Count(1, 1'000'000).read(value);
                     } catch (const config::BadValue& bad) {
                         error(value, below(path, key),
                               fmt::format("got {}{}; allowed: a number of rows", value.shown(),
                                           bad.what()));
                     }
                 });
        return needs;
    }

    ReportTile tile(const YamlNode& node, const std::string& path) {
        ReportTile tile;
        read_map(node, path, {"label", "value"}, {},
                 [&](const std::string& key, const YamlNode& value) {
                     (key == "label" ? tile.label : tile.value) = text(value, below(path, key));
                 });
        return tile;
    }

    ReportTableUse table_use(const YamlNode& node, const std::string& path) {
        ReportTableUse use;
        read_map(node, path, {"table", "caption"}, {"folded"},
                 [&](const std::string& key, const YamlNode& value) {
                     const std::string at = below(path, key);
                     if (key == "table") use.table = table(value, at);
                     if (key == "caption") use.caption = text(value, at);
                     if (key != "folded") return;
                     if (value.text != "true" && value.text != "false") {
                         error(value, at,
                               fmt::format("got {}; allowed: true or false", value.shown()));
                     }
                     use.folded = value.text == "true";
                 });
        return use;
    }

    ReportChart chart(const YamlNode& node, const std::string& path) {
        ReportChart chart;
        read_map(node, path, {"id", "specification", "data", "caption", "alternative"}, {},
                 [&](const std::string& key, const YamlNode& value) {
                     const std::string at = below(path, key);
                     if (key == "id") chart.id = id(value, at, chart_ids_);
                     if (key == "caption") chart.caption = text(value, at);
                     if (key == "alternative") chart.alternative = text(value, at);
                     if (key == "specification") {
                         chart.specification = path_.parent_path() / plain(value, at);
                     }
                     if (key != "data") return;
                     if (value.kind != YamlNode::Kind::Map) {
                         error(value, at, fmt::format("got {}; allowed: a map", value.shown()));
                     }
                     for (const YamlEntry& entry : value.entries) {
                         chart.data[entry.key] = table(entry.value, below(at, entry.key));
                     }
                 });
        if (!chart.specification.empty()) check_specification(chart, node, path);
        return chart;
    }

    void check_specification(const ReportChart& chart, const YamlNode& node,
                             const std::string& path) {
        try {
            const Json specification = load_specification(chart.specification);
            std::vector<std::string> sources;
            for (const Json& source : specification.value("data", Json::array())) {
                sources.push_back(source.at("name").get<std::string>());
            }
            for (const auto& [source, table] : chart.data) {
                if (std::find(sources.begin(), sources.end(), source) != sources.end()) continue;
                error(node, below(path, "data." + source),
                      fmt::format("{} has no data of that name; allowed: {}{}",
                                  chart.specification.filename().string(), config::one_of(sources),
                                  config::did_you_mean(config::nearest(source, sources))));
            }
        } catch (const ConfigError& e) {
            error(node, below(path, "specification"), e.what());
        }
    }

    std::filesystem::path path_;
    const ReportVocabulary& vocabulary_;
    Diagnostics diagnostics_;
    std::set<std::string> section_ids_;
    std::set<std::string> chart_ids_;
};

}  // namespace

ReportDefinition load_report_definition(const std::filesystem::path& path,
                                        const ReportVocabulary& vocabulary) {
    return DefinitionReader(path, vocabulary).read();
}

Json load_specification(const std::filesystem::path& path) {
    const std::string text = config::read_text_file(path);
    Diagnostics diagnostics(path.string());
    Json specification = config::parse_json(text, diagnostics);
    const Json data = specification.value("data", Json::array());
    const bool named = data.is_array() && std::all_of(data.begin(), data.end(), [](const Json& it) {
                           return it.is_object() && it.value("name", Json()).is_string();
                       });
    if (!named) diagnostics.fatal({}, "key 'data': allowed: a list of objects with a name");
    if (loads_something(specification)) {
        diagnostics.fatal({}, "has a key 'url': a report loads nothing from anywhere");
    }
    return specification;
}

std::optional<std::string> with_facts(const std::string& text,
                                      const std::map<std::string, std::string>& facts) {
    std::string filled;
    for (std::size_t at = 0; at < text.size();) {
        if (text.compare(at, 2, "{{") == 0) {
            filled += '{';
            at += 2;
            continue;
        }
        if (text[at] != '{') {
            filled += text[at++];
            continue;
        }
        const std::size_t end = std::min(text.find('}', at), text.size());
        const auto fact = facts.find(text.substr(at + 1, end - at - 1));
        if (fact == facts.end()) return std::nullopt;
        filled += fact->second;
        at = end + 1;
    }
    return filled;
}

}  // namespace lpusim
