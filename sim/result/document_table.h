#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "sim/result/result_json.h"

namespace lpusim {

/// The table `document`: texts that many points share, each once. One that differs from another in
/// a few values only is held as a merge patch to it: a sweep over bandwidths has as many hardware
/// configurations as points.
class DocumentTable {
public:
    explicit DocumentTable(SQLite::Database& database);

    /// The id of a text, which is added if need be.
    std::int64_t intern(const std::string& text);
    std::string text(std::int64_t id) const;
    /// Ids that a rolled back transaction gave mean nothing any more.
    void forget();

private:
    struct Base {
        std::int64_t id = 0;
        Json json;
    };

    std::int64_t intern_json(const std::string& text, Json json);
    std::int64_t find_or_insert(const std::string& text, std::int64_t base);
    void load_bases();
    const Json& base_json(std::int64_t id) const;

    SQLite::Database& database_;
    mutable SQLite::Statement select_;
    SQLite::Statement find_;
    std::optional<SQLite::Statement> insert_;
    /// Whole objects, which patches can be made to; the latest last.
    std::vector<Base> bases_;
    std::unordered_map<std::string, std::int64_t> known_;
    mutable std::map<std::int64_t, Json> parsed_bases_;
};

}  // namespace lpusim
