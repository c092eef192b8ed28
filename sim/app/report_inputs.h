#pragma once

#include <string>
#include <vector>

#include "sim/report/report_tables.h"

namespace lpusim::app {

/// What the files that a report is made from hold.
struct ReportInputs {
    std::vector<Point> points;
    /// From documents of `lpusim quantize --json`.
    std::vector<LayerQuality> layer_quality;
    std::string layer_quality_source;
};

/// Reads result documents, result stores and documents of `lpusim quantize`, in this order. Throws
/// InputError with every error.
ReportInputs read_report_inputs(const std::vector<std::string>& paths);

}  // namespace lpusim::app
