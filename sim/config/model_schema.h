#pragma once

#include "sim/config/fields.h"
#include "sim/workload/model.h"

namespace lpusim::config {

// Bounds that keep parameter counts inside 64 bits; the largest models are far below.
inline constexpr Count kModelWidth{1, 1U << 20U};
inline constexpr Count kModelLayers{1, 4096};
inline constexpr Count kModelHeads{1, 4096};
inline constexpr Count kHeadWidth{1, 4096};
inline constexpr Count kTableRows{1, 1U << 26U};
inline constexpr Count kTokenTypes{0, 1024};

const SchemaDoc& model_doc();
/// Throws BadValue if a node is no value of a key of it.
void check_model_value(std::string_view key, const YamlNode& node);

/// Reads and checks a model file; errors go to `diagnostics`, and the value is of use only without
/// any.
Model read_model(const YamlNode& root, Diagnostics& diagnostics);

Json model_json(const Model& model);

}  // namespace lpusim::config
