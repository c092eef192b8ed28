#include "sim/result/json_delta.h"

#include <algorithm>

namespace lpusim {

namespace {

bool have_equal_keys(const Json& a, const Json& b) {
    if (a.size() != b.size()) return false;
    auto in_b = b.begin();
    for (auto in_a = a.begin(); in_a != a.end(); ++in_a, ++in_b) {
        if (in_a.key() != in_b.key()) return false;
    }
    return true;
}

}  // namespace

std::optional<Json> merge_patch_between(const Json& base, const Json& target) {
    if (!base.is_object() || !target.is_object() || !have_equal_keys(base, target)) {
        return std::nullopt;
    }
    Json patch = Json::object();
    auto old_value = base.begin();
    for (auto value = target.begin(); value != target.end(); ++value, ++old_value) {
        if (*value == *old_value) {
            // 1 and 1.0 are equal, and no longer the same text.
            if (value->type() != old_value->type()) return std::nullopt;
            continue;
        }
        if (value->is_object()) {
            std::optional<Json> inner = merge_patch_between(*old_value, *value);
            if (!inner) return std::nullopt;
            patch[value.key()] = std::move(*inner);
        } else if (value->is_null()) {
            // In a patch that means to remove the key.
            return std::nullopt;
        } else {
            patch[value.key()] = *value;
        }
    }
    return patch;
}

}  // namespace lpusim
