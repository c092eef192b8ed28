#pragma once

#include <optional>

#include "sim/result/result_json.h"

namespace lpusim {

/// A JSON merge patch (RFC 7396) that makes `target` of `base`; none if no patch can, or if their
/// keys differ, which is when a patch saves nothing.
std::optional<Json> merge_patch_between(const Json& base, const Json& target);

}  // namespace lpusim
