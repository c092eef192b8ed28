#pragma once

#include "sim/report/result_document.h"

namespace lpusim::app {

ToolInfo tool_info();

}  // namespace lpusim::app
