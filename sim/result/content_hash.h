#pragma once

#include <string>

#include "sim/result/result.h"
#include "sim/result/versions.h"

namespace lpusim {

/// Identifies what a point was computed from: the effective inputs and the timing model. Equal
/// hashes mean equal results. It is a name-based UUID (RFC 4122, version 5), so that any language
/// can repeat it: see docs/result.md for the name that goes in. inputs.content_hash itself is not
/// looked at.
std::string content_hash(const PointInputs& inputs, int timing_model_version = kTimingModelVersion);

}  // namespace lpusim
