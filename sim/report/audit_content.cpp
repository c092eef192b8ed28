#include "sim/report/audit_content.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/report/metrics.h"
#include "sim/report/number_text.h"
#include "sim/report/report_tables.h"
#include "sim/report/table_units.h"
#include "sim/result/versions.h"

namespace lpusim {

namespace {

constexpr std::array kVerdicts = {Verdict::Holds, Verdict::HoldsOnlyIf, Verdict::DoesNotHold,
                                  Verdict::CannotBeChecked};

std::size_t count_of(const ClaimAudit& audit, Verdict verdict) {
    return static_cast<std::size_t>(
        std::count_if(audit.claims.begin(), audit.claims.end(),
                      [&](const AuditedClaim& claim) { return verdict_of(claim) == verdict; }));
}

/// To hundredths of a percent.
double rounded_percent(double share) {
    constexpr double kHundredths = 100;
    return std::round(share * kPercent * kHundredths) / kHundredths;
}

/// In the order of the file.
std::vector<std::string> topics_of(const ClaimAudit& audit) {
    std::vector<std::string> topics;
    for (const AuditedClaim& claim : audit.claims) {
        if (std::find(topics.begin(), topics.end(), claim.topic) == topics.end()) {
            topics.push_back(claim.topic);
        }
    }
    return topics;
}

/// One row per claim of a topic; of all for an empty one.
DataTable verdicts_table(const ClaimAudit& audit, const std::string& name,
                         const std::string& topic) {
    DataTable table{name,
                    {{"claim", "claim", ""},
                     {"published", "published", ""},
                     {"result", "nearest result", ""},
                     {"deviation_percent", "off by", "%"},
                     {"verdict", "verdict", ""}},
                    {}};
    for (const AuditedClaim& claim : audit.claims) {
        if (!topic.empty() && claim.topic != topic) continue;
        const AuditedHypothesis* best = best_hypothesis(claim);
        DataTable::Cell result;
        DataTable::Cell off;
        if (best != nullptr) {
            result = fmt::format("{} {}", result_text(*best), best->basis);
            off = rounded_percent(deviation(claim, *best));
        }
        table.rows.push_back({claim.quote, claimed_text(claim), result, off, verdict_line(claim)});
    }
    return table;
}

/// One row per hypothesis, with everything there is to say: data.csv.
DataTable hypotheses_table(const ClaimAudit& audit) {
    DataTable table{"hypotheses",
                    {{"claim", "claim", "", ColumnShow::Code},
                     {"topic", "topic", "", ColumnShow::Hidden},
                     {"quote", "quote", "", ColumnShow::Hidden},
                     {"source", "source", "", ColumnShow::Hidden},
                     {"published", "published", ""},
                     {"published_to", "to", ""},
                     {"published_unit", "unit", ""},
                     {"tolerance_percent", "tolerance", "%"},
                     {"verdict", "verdict", "", ColumnShow::Hidden},
                     {"role", "hypothesis", ""},
                     {"means", "if", ""},
                     {"formula", "formula", "", ColumnShow::Code},
                     {"basis", "basis", ""},
                     {"result", "result", "", ColumnShow::Plain, 5},
                     {"result_unit", "unit", ""},
                     {"deviation_percent", "off by", "%"},
                     {"within", "within", ""}},
                    {}};
    for (const AuditedClaim& claim : audit.claims) {
        DataTable::Cell to;
        if (claim.value_to) to = *claim.value_to;
        const std::string verdict = name_of(verdict_of(claim));
        const auto row = [&](const AuditedHypothesis* it) {
            std::vector<DataTable::Cell> cells = {
                claim.id,    claim.topic, claim.quote, claim.source,
                claim.value, to,          claim.unit,  claim.tolerance * kPercent,
                verdict};
            if (it == nullptr) {
                cells.resize(table.columns.size());
            } else {
                cells.insert(
                    cells.end(),
                    {std::string(name_of(it->role)), it->means, it->formula, it->basis, it->value,
                     it->unit, deviation(claim, *it) * kPercent, is_within(claim, *it)});
            }
            table.rows.push_back(std::move(cells));
        };
        if (claim.hypotheses.empty()) row(nullptr);
        for (const AuditedHypothesis& hypothesis : claim.hypotheses) row(&hypothesis);
    }
    return table;
}

DataTable points_table(const std::vector<AuditedPoint>& points) {
    DataTable table{"points",
                    {{"name", "name", "", ColumnShow::Code},
                     {"hardware", "hardware", ""},
                     {"changes", "with", "", ColumnShow::Code},
                     {"model", "model", ""},
                     {"format", "format", ""},
                     {"scenario", "scenario", "", ColumnShow::Hidden},
                     {"milliseconds_per_token", "time per token", "ms"},
                     {"tokens_per_second", "tokens/s", ""},
                     {"bottleneck", "bottleneck", ""},
                     {"content_hash", "inputs", "", ColumnShow::Hidden}},
                    {}};
    for (const AuditedPoint& it : points) {
        table.rows.push_back(
            {it.name, it.point.inputs.hardware_name, fmt::format("{}", fmt::join(it.changes, ", ")),
             it.point.inputs.model_name, it.point.inputs.format_name, it.point.inputs.scenario_json,
             seconds_per_token(it.point) * kMilli, tokens_per_second(it.point),
             bottleneck_text(it.point), it.point.inputs.content_hash});
    }
    return table;
}

DataTable measurements_table(const std::vector<std::pair<std::string, std::string>>& measurements) {
    DataTable table{
        "measurements", {{"name", "name", "", ColumnShow::Code}, {"what", "what", ""}}, {}};
    for (const auto& [name, what] : measurements) table.rows.push_back({name, what});
    return table;
}

std::string topic_table(std::size_t index) { return fmt::format("verdicts_{}", index + 1); }

ReportContent::Section section(const std::string& id, const std::string& title) {
    ReportContent::Section section;
    section.id = id;
    section.title = title;
    return section;
}

void add_answer(ReportContent& content, const ClaimAudit& audit) {
    ReportContent::Section answer = section("answer", "The answer");
    answer.text = {audit_answer(audit)};
    if (!audit.description.empty()) answer.text.push_back(audit.description);
    for (const Verdict verdict : kVerdicts) {
        answer.tiles.push_back({name_of(verdict), count_text(count_of(audit, verdict))});
    }
    content.sections.push_back(std::move(answer));
}

void add_basis(ReportContent& content, const AuditSource& source) {
    ReportContent::Section all = section("hypotheses", "Every hypothesis");
    all.text = {
        "A formula is in base units: bytes, seconds, shares of 1. A deviation is relative to the "
        "published number; inside a published range it is 0."};
    all.tables.push_back({&content.table("hypotheses"), "Every hypothesis and its result", true});
    content.sections.push_back(std::move(all));

    ReportContent::Section basis = section("basis", "What the numbers rest on");
    basis.tables.push_back({&content.table("points"), "Simulated points", false});
    basis.tables.push_back(
        {&content.table("measurements"), "Measurements on random weights, and models", false});
    basis.text = {
        "Errors of random weights are not task accuracy: outliers of trained weights change them, "
        "and what a model answers does not follow from them.",
        fmt::format(
            "Computed by lpusim {}, timing model {}{}.", source.tool.version, kTimingModelVersion,
            source.tool.git_revision.empty() ? "" : ", git revision " + source.tool.git_revision),
        "To repeat it: " + source.command};
    content.sections.push_back(std::move(basis));
}

}  // namespace

std::string audit_answer(const ClaimAudit& audit) {
    return fmt::format(
        "Of {} claims {} hold as stated, {} hold only under a condition, {} do not "
        "hold, "
        "and {} cannot be checked.",
        audit.claims.size(), count_of(audit, Verdict::Holds), count_of(audit, Verdict::HoldsOnlyIf),
        count_of(audit, Verdict::DoesNotHold), count_of(audit, Verdict::CannotBeChecked));
}

ReportContent audit_content(const AuditSource& source) {
    const ClaimAudit& audit = source.audit;
    const std::vector<std::string> topics = topics_of(audit);
    ReportContent content;
    content.name = "audit";
    content.title = "Published claims, held to the simulator: " + audit.name;
    content.description = audit_answer(audit);
    content.chart_config = Json::object();
    content.facts = {{"answer", audit_answer(audit)},
                     {"version", source.tool.version},
                     {"revision", source.tool.git_revision},
                     {"timing_model", std::to_string(kTimingModelVersion)},
                     {"command", source.command}};
    content.tables = {hypotheses_table(audit), points_table(source.points),
                      measurements_table(source.measurements)};
    for (std::size_t i = 0; i < topics.size(); ++i) {
        content.tables.push_back(verdicts_table(audit, topic_table(i), topics[i]));
    }

    add_answer(content, audit);
    for (std::size_t i = 0; i < topics.size(); ++i) {
        ReportContent::Section topic = section(fmt::format("topic-{}", i + 1), topics[i]);
        topic.tables.push_back({&content.table(topic_table(i)),
                                "Published numbers, the nearest result of a hypothesis, and what "
                                "that makes of the claim",
                                false});
        content.sections.push_back(std::move(topic));
    }
    add_basis(content, source);
    return content;
}

std::string audit_text(const ClaimAudit& audit, const TextStyle& style) {
    constexpr const char* kIndentText = "    ";
    std::string text = wrapped("", printable(audit_answer(audit)), style);
    for (const std::string& topic : topics_of(audit)) {
        text += "\n" + painted(printable(topic), Paint::Bold, style) + "\n";
        for (const AuditedClaim& claim : audit.claims) {
            if (claim.topic != topic) continue;
            text += wrapped("  ", printable("“" + claim.quote + "”"), style);
            const AuditedHypothesis* best = best_hypothesis(claim);
            std::string figures = "published " + claimed_text(claim);
            if (best != nullptr) {
                figures += fmt::format(", {} {} ({})", best->basis, result_text(*best),
                                       deviation_text(deviation(claim, *best)));
            }
            text += wrapped(kIndentText, printable(figures), style);
            std::string line = wrapped(kIndentText, printable(verdict_line(claim)), style);
            const bool fails = verdict_of(claim) == Verdict::DoesNotHold;
            line.pop_back();
            text += painted(line, fails ? Paint::Highlight : Paint::Plain, style) + "\n";
        }
    }
    return text;
}

}  // namespace lpusim
