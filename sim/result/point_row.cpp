#include "sim/result/point_row.h"

#include <type_traits>

#include "sim/result/point_fields.h"
#include "sim/result/point_packing.h"

namespace lpusim {

namespace {

/// Calls visit(column, member) for each column that holds a number of the point.
template <class P, class Visit>
void for_each_number(P& point, Visit visit) {
    for_each_field(point, [&](const char* key, auto& value) { visit(std::string(key), value); });
    for_each_field(point.stream, [&](const char* kind, auto& value) {
        visit(std::string("stream_") + kind + "_bytes", value);
    });
    visit(std::string("stream_rate_bytes"), point.stream_rate.ratio.num);
    visit(std::string("stream_rate_cycles"), point.stream_rate.ratio.den);
    visit(std::string("bottleneck_busy_cycles"), point.bottleneck.busy);
}

/// Calls visit(column, member) for each column whose text many points share.
template <class P, class Visit>
void for_each_document(P& inputs, Visit visit) {
    visit("hardware", inputs.hardware_json);
    visit("model", inputs.model_json);
    visit("format", inputs.format_json);
    visit("scenario", inputs.scenario_json);
}

// SQLite's integers have a sign; what is beyond 2^63 comes back as it was.
void bind(SQLite::Statement& statement, int index, std::uint64_t value) {
    statement.bind(index, static_cast<std::int64_t>(value));
}
void bind(SQLite::Statement& statement, int index, std::uint32_t value) {
    statement.bind(index, static_cast<std::int64_t>(value));
}
void bind(SQLite::Statement& statement, int index, bool value) {
    statement.bind(index, value ? 1 : 0);
}
void bind(SQLite::Statement& statement, int index, double value) { statement.bind(index, value); }
template <class Tag>
void bind(SQLite::Statement& statement, int index, Quantity<Tag> value) {
    bind(statement, index, value.count());
}

void read(const SQLite::Column& column, std::uint64_t& value) {
    value = static_cast<std::uint64_t>(column.getInt64());
}
void read(const SQLite::Column& column, std::uint32_t& value) {
    value = static_cast<std::uint32_t>(column.getInt64());
}
void read(const SQLite::Column& column, bool& value) { value = column.getInt() != 0; }
void read(const SQLite::Column& column, double& value) { value = column.getDouble(); }
template <class Tag>
void read(const SQLite::Column& column, Quantity<Tag>& value) {
    value = Quantity<Tag>(static_cast<std::uint64_t>(column.getInt64()));
}

/// By key, so that a changed value is a small patch; as a list if a key stands there twice.
template <class Entry>
std::string keyed_text(const std::vector<Entry>& entries) {
    Json by_key = Json::object();
    Json list = Json::array();
    for (const Entry& entry : entries) {
        Json fields = Json::object();
        for_each_field(entry,
                       [&](const char* key, const std::string& value) { fields[key] = value; });
        list.push_back(fields);
        fields.erase("key");
        by_key[entry.key] = std::move(fields);
    }
    return by_key.size() == list.size() ? by_key.dump() : list.dump();
}

template <class Entry>
std::vector<Entry> entries_from(const std::string& text) {
    std::vector<Entry> entries;
    const Json json = Json::parse(text);
    for (const auto& [name, fields] : json.items()) {
        Entry entry;
        for_each_field(entry, [&, &values = fields](const char* key, std::string& value) {
            value = values.value(key, "");
        });
        if (json.is_object()) entry.key = name;
        entries.push_back(std::move(entry));
    }
    return entries;
}

/// Empty for nothing.
template <class Struct>
std::string optional_text(const std::optional<Struct>& object) {
    if (!object) return "";
    Json fields = Json::object();
    for_each_field(*object, [&](const char* key, const auto& value) { fields[key] = value; });
    return fields.dump();
}

template <class Struct>
std::optional<Struct> optional_from(const std::string& text) {
    if (text.empty()) return std::nullopt;
    const Json json = Json::parse(text);
    Struct object;
    for_each_field(object, [&](const char* key, auto& value) { json.at(key).get_to(value); });
    return object;
}

std::string list_text(const std::vector<std::string>& list) { return Json(list).dump(); }

FailureCause cause_named(const std::string& name) {
    for (const FailureCause cause : {FailureCause::Inputs, FailureCause::Crash,
                                     FailureCause::TimeLimit, FailureCause::Memory}) {
        if (name == name_of(cause)) return cause;
    }
    throw ResultFormatError("failure_cause: unknown '" + name + "'");
}

std::vector<PointColumn> make_columns() {
    std::vector<PointColumn> columns = {
        {"key", "TEXT NOT NULL UNIQUE"}, {"failure_cause", "TEXT"},
        {"failure_reason", "TEXT"},      {"hardware_name", "TEXT NOT NULL"},
        {"model_name", "TEXT NOT NULL"}, {"format_name", "TEXT NOT NULL"}};
    const std::string reference = "INTEGER REFERENCES document(id)";
    Point point;
    for_each_document(point.inputs, [&](const char* name, const std::string& /*text*/) {
        columns.push_back({name, reference});
    });
    for_each_number(point, [&](const std::string& name, const auto& value) {
        const bool is_real = std::is_same_v<std::decay_t<decltype(value)>, double>;
        columns.push_back({name, is_real ? "REAL" : "INTEGER"});
    });
    columns.push_back({"bottleneck_unit", "TEXT"});
    columns.push_back({"bottleneck_engine", "TEXT"});
    for (const char* name : {"bottleneck_chain", "assumptions", "sources", "untested", "notes",
                             "data_check", "quality", "layout"}) {
        columns.push_back({name, reference});
    }
    columns.push_back({"counts", "BLOB"});
    return columns;
}

/// Hands out the numbers of parameters or columns, one by one.
class Numbering {
public:
    explicit Numbering(int first) : next_(first) {}
    int next() { return next_++; }

private:
    int next_;
};

}  // namespace

const char* name_of(FailureCause cause) {
    switch (cause) {
        case FailureCause::Inputs:
            return "inputs";
        case FailureCause::TimeLimit:
            return "time limit";
        case FailureCause::Memory:
            return "memory";
        case FailureCause::Crash:
            break;
    }
    return "crash";
}

const std::vector<PointColumn>& point_columns() {
    static const std::vector<PointColumn> kColumns = make_columns();
    return kColumns;
}

std::string point_column_list(const std::string& prefix) {
    std::string list;
    for (const PointColumn& column : point_columns()) {
        list += (list.empty() ? "" : ", ") + prefix + column.name;
    }
    return list;
}

void bind_point(SQLite::Statement& statement, const std::string& key, const StoredPoint& stored,
                DocumentTable& documents) {
    const Point& point = stored.point;
    statement.clearBindings();  // all are null
    Numbering index(1);
    const auto bind_document = [&](const std::string& text) {
        const int at = index.next();
        if (!text.empty()) statement.bind(at, documents.intern(text));
    };
    statement.bind(index.next(), key);
    const int cause = index.next();
    const int reason = index.next();
    if (stored.failure) {
        statement.bind(cause, name_of(stored.failure->cause));
        statement.bind(reason, stored.failure->reason);
    }
    statement.bind(index.next(), point.inputs.hardware_name);
    statement.bind(index.next(), point.inputs.model_name);
    statement.bind(index.next(), point.inputs.format_name);
    for_each_document(point.inputs,
                      [&](const char* /*name*/, const std::string& text) { bind_document(text); });
    if (stored.failure) return;
    for_each_number(point, [&](const std::string& /*name*/, const auto& value) {
        bind(statement, index.next(), value);
    });
    statement.bind(index.next(), point.bottleneck.unit);
    statement.bind(index.next(), point.bottleneck.engine);
    bind_document(list_text(point.bottleneck.chain));
    bind_document(keyed_text(point.assumptions));
    bind_document(keyed_text(point.sources));
    bind_document(keyed_text(point.untested));
    bind_document(list_text(point.notes));
    bind_document(optional_text(point.data));
    bind_document(optional_text(point.quality));
    bind_document(layout_of(point));
    const std::string counts = pack_counts(point);
    statement.bind(index.next(), counts.data(), static_cast<int>(counts.size()));
}

StoredPoint read_point(SQLite::Statement& statement, int first, const DocumentTable& documents) {
    StoredPoint stored;
    Point& point = stored.point;
    Numbering index(first);
    const auto text = [&] { return statement.getColumn(index.next()).getString(); };
    const auto document = [&] {
        const SQLite::Column column = statement.getColumn(index.next());
        return column.isNull() ? std::string() : documents.text(column.getInt64());
    };
    point.inputs.content_hash = text();
    const std::string cause = text();
    std::string reason = text();
    if (!cause.empty()) stored.failure = PointFailure{cause_named(cause), std::move(reason)};
    point.inputs.hardware_name = text();
    point.inputs.model_name = text();
    point.inputs.format_name = text();
    for_each_document(point.inputs,
                      [&](const char* /*name*/, std::string& value) { value = document(); });
    if (stored.failure) return stored;
    for_each_number(point, [&](const std::string& /*name*/, auto& value) {
        read(statement.getColumn(index.next()), value);
    });
    point.bottleneck.unit = text();
    point.bottleneck.engine = text();
    point.bottleneck.chain = Json::parse(document()).get<std::vector<std::string>>();
    point.assumptions = entries_from<Assumption>(document());
    point.sources = entries_from<Assumption>(document());
    point.untested = entries_from<Untested>(document());
    point.notes = Json::parse(document()).get<std::vector<std::string>>();
    point.data = optional_from<DataCheck>(document());
    point.quality = optional_from<FormatQuality>(document());
    const std::string layout = document();
    const SQLite::Column counts = statement.getColumn(index.next());
    unpack_lists(
        layout,
        {static_cast<const char*>(counts.getBlob()), static_cast<std::size_t>(counts.getBytes())},
        point);
    return stored;
}

}  // namespace lpusim
