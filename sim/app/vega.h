#pragma once

#include <map>
#include <string>

#include "sim/report/report_content.h"

namespace lpusim::app {

/// What a page with charts is made of: Vega's modules as Debian's libjs-vega has them, and the
/// files of reports/page. Throws std::runtime_error that says what is missing.
PageAssets page_assets();

/// The same for a page that has tables only; needs nothing of Vega.
PageAssets page_assets_without_charts();

/// The charts of a payload (see chart_payload()) as <svg> elements, by id: drawn by Vega in Node.
/// Throws std::runtime_error that says what is missing, or what Vega said.
std::map<std::string, std::string> render_figures(const Json& payload);

}  // namespace lpusim::app
