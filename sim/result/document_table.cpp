#include "sim/result/document_table.h"

#include <algorithm>
#include <optional>

#include "sim/result/json_delta.h"

namespace lpusim {

namespace {

/// Patches are looked for among as many of the latest whole documents.
constexpr std::size_t kMostBases = 32;
/// Texts whose ids are remembered.
constexpr std::size_t kMostKnown = 4096;

}  // namespace

DocumentTable::DocumentTable(SQLite::Database& database)
    : database_(database),
      select_(database, "SELECT text, base FROM document WHERE id = ?"),
      find_(database, "SELECT id FROM document WHERE text = ? AND ifnull(base, 0) = ?") {
    load_bases();
}

void DocumentTable::load_bases() {
    SQLite::Statement select(database_,
                             "SELECT id, text FROM document WHERE base IS NULL AND text LIKE '{%' "
                             "ORDER BY id DESC LIMIT " +
                                 std::to_string(kMostBases));
    while (select.executeStep()) {
        Json json = Json::parse(select.getColumn(1).getString(), nullptr, false);
        if (json.is_object()) bases_.push_back({select.getColumn(0).getInt64(), std::move(json)});
    }
    std::reverse(bases_.begin(), bases_.end());
}

void DocumentTable::forget() {
    known_.clear();
    parsed_bases_.clear();
    bases_.clear();
    load_bases();
}

std::int64_t DocumentTable::intern(const std::string& text) {
    const auto known = known_.find(text);
    if (known != known_.end()) return known->second;
    Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    // Only canonical text comes back from a patch as it was.
    const bool can_be_patched = json.is_object() && json.dump() == text;
    const std::int64_t id =
        can_be_patched ? intern_json(text, std::move(json)) : find_or_insert(text, 0);
    if (known_.size() >= kMostKnown) known_.clear();
    known_.emplace(text, id);
    return id;
}

std::int64_t DocumentTable::intern_json(const std::string& text, Json json) {
    std::string smallest;
    std::int64_t base = 0;
    for (const Base& candidate : bases_) {
        const std::optional<Json> patch = merge_patch_between(candidate.json, json);
        if (!patch) continue;
        std::string patch_text = patch->dump();
        if (base != 0 && patch_text.size() >= smallest.size()) continue;
        smallest = std::move(patch_text);
        base = candidate.id;
    }
    // The one that was of use last is the last to be forgotten.
    const auto used = std::find_if(bases_.begin(), bases_.end(),
                                   [&](const Base& candidate) { return candidate.id == base; });
    if (used != bases_.end()) std::rotate(used, used + 1, bases_.end());
    if (base != 0 && smallest == "{}") return base;
    if (base != 0 && smallest.size() < text.size() / 2) return find_or_insert(smallest, base);
    const std::int64_t id = find_or_insert(text, 0);
    bases_.push_back({id, std::move(json)});
    if (bases_.size() > kMostBases) bases_.erase(bases_.begin());
    return id;
}

std::int64_t DocumentTable::find_or_insert(const std::string& text, std::int64_t base) {
    find_.reset();
    find_.bind(1, text);
    find_.bind(2, base);
    const bool found = find_.executeStep();
    const std::int64_t id = found ? find_.getColumn(0).getInt64() : 0;
    // A statement that is not done keeps a lock.
    find_.reset();
    if (found) return id;
    if (!insert_) insert_.emplace(database_, "INSERT INTO document (text, base) VALUES (?, ?)");
    insert_->reset();
    insert_->bind(1, text);
    base == 0 ? insert_->bind(2) : insert_->bind(2, base);
    insert_->exec();
    return database_.getLastInsertRowid();
}

std::string DocumentTable::text(std::int64_t id) const {
    select_.reset();
    select_.bind(1, id);
    if (!select_.executeStep()) {
        throw ResultFormatError("document " + std::to_string(id) + " is missing");
    }
    std::string text = select_.getColumn(0).getString();
    const std::int64_t base = select_.getColumn(1).getInt64();
    select_.reset();
    if (base == 0) return text;
    Json json = base_json(base);
    json.merge_patch(Json::parse(text, nullptr, /*allow_exceptions=*/false));
    return json.dump();
}

const Json& DocumentTable::base_json(std::int64_t id) const {
    const auto parsed = parsed_bases_.find(id);
    if (parsed != parsed_bases_.end()) return parsed->second;
    if (parsed_bases_.size() >= kMostBases) parsed_bases_.clear();
    return parsed_bases_.emplace(id, Json::parse(text(id), nullptr, false)).first->second;
}

}  // namespace lpusim
