#pragma once

#include <string>
#include <vector>

#include "sim/result/result_json.h"

namespace lpusim {

/// Who computed a result.
struct ToolInfo {
    std::string version;
    std::string git_revision;
    std::string systemc_version;
};

/// The result JSON of docs/result.md: what to_json(Point) holds and the metrics derived from it.
/// Everything but "simulator" follows from the inputs alone.
Json result_document(const std::vector<PointRun>& runs, const ToolInfo& tool);

/// The document's bytes: indented, with a line break at the end.
std::string document_text(const Json& document);

}  // namespace lpusim
