#pragma once

#include <string>
#include <vector>

#include "sim/report/claim_audit.h"
#include "sim/report/report_content.h"
#include "sim/report/result_document.h"
#include "sim/report/text_table.h"
#include "sim/result/result.h"

namespace lpusim {

/// A simulation that an audit rests on, under the name that formulas give it.
struct AuditedPoint {
    std::string name;
    /// What is different in the hardware file, as "key: value".
    std::vector<std::string> changes;
    Point point;
};

/// All that a report of an audit is made of.
struct AuditSource {
    const ClaimAudit& audit;
    const std::vector<AuditedPoint>& points;
    /// Name and description of each measurement and model.
    std::vector<std::pair<std::string, std::string>> measurements;
    ToolInfo tool;
    std::string command;
};

/// "Of 44 claims 20 hold as stated, ...".
std::string audit_answer(const ClaimAudit& audit);

/// The report: the verdicts first, then topic by topic, then what they rest on.
ReportContent audit_content(const AuditSource& source);

/// For the terminal: a line per claim, topic by topic.
std::string audit_text(const ClaimAudit& audit, const TextStyle& style);

}  // namespace lpusim
