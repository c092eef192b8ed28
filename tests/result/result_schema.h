#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace lpusim {

/// What docs/result.schema.json has against a result document; empty if nothing.
inline std::string schema_violations(const std::string& document) {
    using Adapter = valijson::adapters::NlohmannJsonAdapter;
    std::ifstream file(LPUSIM_SOURCE_DIR "/docs/result.schema.json");
    const nlohmann::json schema_json = nlohmann::json::parse(file);
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(Adapter(schema_json), schema);

    const nlohmann::json json = nlohmann::json::parse(document);
    valijson::ValidationResults results;
    valijson::Validator().validate(schema, Adapter(json), &results);
    std::ostringstream text;
    for (const auto& error : results) {
        for (const std::string& step : error.context) text << step;
        text << ": " << error.description << "\n";
    }
    return text.str();
}

}  // namespace lpusim
