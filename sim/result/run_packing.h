#pragma once

#include <string>
#include <string_view>

#include "sim/result/result.h"

namespace lpusim {

/// A run as a line of text without white space, for another process of the same program: much
/// quicker to write and to read than JSON, and of no use to anybody else.
std::string pack_run(const PointRun& run);
/// Throws ResultFormatError.
PointRun unpack_run(std::string_view line);

}  // namespace lpusim
