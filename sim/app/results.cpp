#include <filesystem>
#include <iostream>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "sim/app/command_line.h"
#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/tool_info.h"
#include "sim/app/verbs.h"
#include "sim/config/diagnostics.h"
#include "sim/report/number_text.h"
#include "sim/report/result_document.h"
#include "sim/report/table_writers.h"
#include "sim/report/text_table.h"
#include "sim/result/output_file.h"
#include "sim/sweep/figures.h"
#include "sim/sweep/result_rows.h"

namespace lpusim::app {

namespace {

/// An opened store and which of its rows are wanted.
class Selection {
public:
    Selection(const std::filesystem::path& path, const CommandLine& line)
        : store_(ResultStore::open(path)), axes_(store_), only_front_(line.has("pareto")) {
        if (const auto where = line.value("where")) {
            try {
                where_.emplace(*where, axes_.types());
            } catch (const ExpressionError& e) {
                throw InputError(
                    fmt::format("error: --where {}: {}", config::in_quotes(*where), e.what()));
            }
        }
        is_on_front_ = pareto_rows(store_, axes_);
    }

    const ResultStore& store() const { return store_; }
    const StoreAxes& axes() const { return axes_; }

    /// use(row, whether it is on its sweep's Pareto front)
    template <class Use>
    void for_each(Use use) const {
        std::size_t index = 0;
        store_.for_each_row([&](const StoredRow& row) {
            const bool is_on_front = is_on_front_.at(index++);
            if (only_front_ && !is_on_front) return;
            const RowFigures figures(row, axes_.types());
            const auto lookup = [&](const std::string& name) { return figures.value(name); };
            if (where_ && !where_->holds(lookup)) return;
            use(row, is_on_front);
        });
    }

private:
    ResultStore store_;
    StoreAxes axes_;
    bool only_front_;
    std::optional<Expression> where_;
    std::vector<bool> is_on_front_;
};

void add_selection(CommandLine& line) {
    line.allow_positional("STORE");
    line.add_value(
        "where", "CONDITION",
        "rows for which it holds, as in \"batch > 4 and bottleneck == 'UnpackUnit'\"; it "
        "may name axes and figures");
    line.add_flag("pareto", "rows on the Pareto front of their sweep alone");
    line.add_flag("help,h", "this text");
}

std::filesystem::path only_store(const CommandLine& line) {
    if (line.positional().size() == 1) return line.positional().front();
    throw InputError(fmt::format("error: {} stores are given, not one; {}",
                                 line.positional().size(), line.hint()));
}

std::string figures_help() {
    std::string text = "\nFigures:\n";
    for (const Figure& figure : figures()) {
        text += fmt::format("  {:28}{}\n", figure.name, figure.doc);
    }
    return text;
}

int list_stores(const Arguments& arguments) {
    CommandLine line("lpusim results list");
    line.allow_positional("STORE");
    line.add_flag("help,h", "this text");
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("STORE...", "The sweeps in stores, and what is there of each."));
        return kSuccess;
    }
    if (line.positional().empty()) throw InputError("error: no store is given; " + line.hint());
    for (const std::string& path : line.positional()) {
        const ResultStore store = ResultStore::open(path);
        std::map<std::string, std::uint64_t> rows;
        store.for_each_place(
            [&](const std::string& sweep, const SweepPlace& /*place*/) { ++rows[sweep]; });
        print(fmt::format("{}: {} points, {} without a result\n", path, store.point_count(),
                          store.failure_count()));
        for (const SweepRecord& sweep : store.sweeps()) {
            print(fmt::format("  {}: {} rows\n", printable(sweep.name), rows[sweep.name]));
        }
    }
    return kSuccess;
}

TextTable::Row show_row(const StoredRow& row, const StoreAxes& axes, bool is_on_front) {
    constexpr int kDigits = 4;
    const RowFigures figures(row, axes.types());
    TextTable::Row cells = {{printable(row.sweep)}};
    for (const std::string& name : axes.names())
        cells.push_back({printable(figures.axis_text(name))});
    if (row.stored.failure) {
        cells.push_back({""});
        cells.push_back({""});
        cells.push_back({""});
        cells.push_back({fmt::format("{}: {}", name_of(row.stored.failure->cause),
                                     printable(row.stored.failure->reason))});
        return cells;
    }
    const auto number = [&](const char* name) {
        return real_text(std::get<double>(figures.value(name)), kDigits);
    };
    const bool has_error = row.stored.point.quality.has_value();
    cells.push_back({number("tokens_per_second")});
    cells.push_back({number("effective_bits_per_weight")});
    cells.push_back({has_error ? number("relative_rmse") : ""});
    cells.push_back({row.stored.point.bottleneck.unit + (is_on_front ? "  pareto" : "")});
    return cells;
}

int show_store(const Arguments& arguments) {
    CommandLine line("lpusim results show");
    add_selection(line);
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("STORE [OPTION]...", "Rows of a store as a table.") + figures_help());
        return kSuccess;
    }
    const Selection selection(only_store(line), line);
    const StoreAxes& axes = selection.axes();
    std::vector<Align> alignment(axes.names().size() + 1, Align::Left);
    alignment.insert(alignment.end(), {Align::Right, Align::Right, Align::Right, Align::Left});
    TextTable table(std::move(alignment));
    TextTable::Row heading = {{"sweep"}};
    for (const std::string& name : axes.names()) heading.push_back({printable(name)});
    for (const char* name : {"tokens/s", "bits", "RMSE", "bottleneck"}) heading.push_back({name});
    for (TextTable::Cell& cell : heading) cell.paint = Paint::Bold;
    table.add(std::move(heading));
    selection.for_each([&](const StoredRow& row, bool is_on_front) {
        table.add(show_row(row, axes, is_on_front));
    });
    print(table.text(0, output_style()));
    for (const FindingRow& row : selection.store().findings()) {
        print(fmt::format("{} {}  {}: {}\n", printable(row.sweep), printable(row.finding.axes_json),
                          printable(row.finding.key), printable(row.finding.text)));
    }
    return kSuccess;
}

/// Gathers output in pieces, so that a large store need not be held as one text.
std::string csv_of(const Selection& selection) {
    constexpr std::size_t kRowsAtOnce = 1024;
    DataTable table;
    table.columns = export_columns(selection.axes());
    std::string text = csv_table(table);
    const std::size_t heading = text.size();
    const auto flush = [&] {
        text += csv_table(table).substr(heading);
        table.rows.clear();
    };
    selection.for_each([&](const StoredRow& row, bool is_on_front) {
        table.rows.push_back(export_cells(row, selection.axes(), is_on_front));
        if (table.rows.size() >= kRowsAtOnce) flush();
    });
    flush();
    return text;
}

/// A result document (docs/result.md) whose points say where they stand, a line each.
std::string json_of(const Selection& selection) {
    Json document = result_document({}, tool_info());
    document.erase("points");
    document.erase("simulator");
    std::string text = document.dump();
    text.back() = ',';
    text += "\n\"points\": [";
    std::string failures;
    bool is_first = true;
    selection.for_each([&](const StoredRow& row, bool is_on_front) {
        Json place = {{"sweep", row.sweep},
                      {"ordinal", row.place.ordinal},
                      {"probe", row.place.probe},
                      {"variant", row.place.variant},
                      {"axes", Json::parse(row.place.axes_json)}};
        if (row.stored.failure) {
            place["failure_cause"] = name_of(row.stored.failure->cause);
            place["failure_reason"] = row.stored.failure->reason;
            failures += failures.empty() ? "\n" : ",\n";
            failures += place.dump(-1, ' ', false, Json::error_handler_t::replace);
            return;
        }
        place["pareto"] = is_on_front;
        Json whole = result_document({{row.stored.point, {}}}, tool_info());
        Json& point = whole["points"][0];
        point["sweep"] = std::move(place);
        text += is_first ? "\n" : ",\n";
        is_first = false;
        text += point.dump(-1, ' ', false, Json::error_handler_t::replace);
    });
    text += "\n],\n\"failures\": [" + failures + "\n],\n\"findings\": [";
    is_first = true;
    for (const FindingRow& row : selection.store().findings()) {
        Json finding = {{"sweep", row.sweep},
                        {"ordinal", row.ordinal},
                        {"axes", Json::parse(row.finding.axes_json)},
                        {"key", row.finding.key},
                        {"text", row.finding.text}};
        if (row.finding.value) finding["value"] = *row.finding.value;
        text += is_first ? "\n" : ",\n";
        is_first = false;
        text += finding.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    return text + "\n]}\n";
}

int export_store(const Arguments& arguments) {
    CommandLine line("lpusim results export");
    add_selection(line);
    line.add_flag("csv", "comma-separated values: axes and figures (the default)");
    line.add_flag("json", "the whole results, as docs/result.md has them");
    line.add_value("out", "FILE", "write there instead of to standard output");
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("STORE [OPTION]...", "Rows of a store for other programs.") +
              figures_help());
        return kSuccess;
    }
    if (line.has("csv") && line.has("json")) {
        throw InputError("error: --csv and --json: one of both; " + line.hint());
    }
    const auto out = line.value("out");
    if (out) require_writable("--out", *out);
    const Selection selection(only_store(line), line);
    const std::string text = line.has("json") ? json_of(selection) : csv_of(selection);
    if (out) {
        write_file(*out, text);
    } else {
        print(text);
    }
    return kSuccess;
}

int merge_stores(const Arguments& arguments) {
    CommandLine line("lpusim results merge");
    line.allow_positional("STORE");
    line.add_flag("help,h", "this text");
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("OUT IN...",
                        "Adds all that the stores IN hold to the store OUT, which is made if it is "
                        "not there."));
        return kSuccess;
    }
    const std::vector<std::string>& paths = line.positional();
    if (paths.size() < 2) {
        throw InputError("error: a store to merge into and at least one to merge are needed; " +
                         line.hint());
    }
    // Before anything is made: a wrong name is the user's error.
    for (std::size_t i = 1; i < paths.size(); ++i) ResultStore::open(paths[i]);
    ResultStore out = ResultStore::open_or_create(paths.front());
    for (std::size_t i = 1; i < paths.size(); ++i) out.merge(paths[i]);
    print(fmt::format("{}: {} points, {} without a result\n", paths.front(), out.point_count(),
                      out.failure_count()));
    return kSuccess;
}

constexpr const char* kHelp =
    "Usage: lpusim results VERB STORE... [OPTION]...\n\n"
    "What sweeps left in stores.\n\n"
    "  list      the sweeps in a store\n"
    "  show      rows as a table\n"
    "  export    rows as CSV or JSON\n"
    "  merge     several stores into one\n\n"
    "'lpusim results VERB --help' lists the options of each.\n";

}  // namespace

int results_verb(const Arguments& arguments) {
    if (arguments.empty() || arguments.front() == "--help" || arguments.front() == "-h") {
        if (!arguments.empty()) {
            print(kHelp);
            return kSuccess;
        }
        throw InputError(
            "error: a verb is missing: list, show, export or merge; see 'lpusim results "
            "--help'");
    }
    const Arguments rest(arguments.begin() + 1, arguments.end());
    const std::string& verb = arguments.front();
    if (verb == "list") return list_stores(rest);
    if (verb == "show") return show_store(rest);
    if (verb == "export") return export_store(rest);
    if (verb == "merge") return merge_stores(rest);
    throw InputError(fmt::format(
        "error: unknown verb {}; allowed: list, show, export or merge{}", config::in_quotes(verb),
        config::did_you_mean(config::nearest(verb, {"list", "show", "export", "merge"}))));
}

}  // namespace lpusim::app
