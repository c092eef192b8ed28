#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/data_table.h"

namespace lpusim {

// What a report shows, as data: reports/definitions/*.yaml. Texts may hold facts in braces,
// "{answer}"; a text with a fact that the results do not give is left out.

struct ReportTile {
    std::string label;
    std::string value;
};

struct ReportChart {
    /// Unique in the report; names the figure's file.
    std::string id;
    /// A Vega specification.
    std::filesystem::path specification;
    /// Its data sources by name, and the table that each is filled with.
    std::map<std::string, std::string> data;
    /// What to see, under the chart.
    std::string caption;
    /// What the chart says, for those who do not see it.
    std::string alternative;
};

struct ReportTableUse {
    std::string table;
    std::string caption;
    /// Behind a heading that opens it.
    bool folded = false;
};

struct ReportSection {
    std::string id;
    std::string title;
    /// Tables and the rows that they must have at least.
    std::map<std::string, std::size_t> needs;
    /// Why the section is not there, and how to get it, when they have less.
    std::string otherwise;
    std::vector<std::string> text;
    std::vector<ReportTile> tiles;
    std::vector<ReportChart> charts;
    std::vector<ReportTableUse> tables;
};

struct ReportDefinition {
    std::string name;
    std::string title;
    std::string description;
    std::vector<ReportSection> sections;
};

/// What a definition may name.
struct ReportVocabulary {
    std::vector<std::string> tables;
    std::vector<std::string> facts;
};

/// Reads and checks a definition, its specifications included. Throws ConfigError with every error.
ReportDefinition load_report_definition(const std::filesystem::path& path,
                                        const ReportVocabulary& vocabulary);

/// The text with its facts; nothing if one is missing. "{{" is a brace.
std::optional<std::string> with_facts(const std::string& text,
                                      const std::map<std::string, std::string>& facts);

/// A Vega specification. Throws ConfigError when it is no JSON object or loads data from somewhere.
Json load_specification(const std::filesystem::path& path);

}  // namespace lpusim
