#pragma once

#include "sim/config/claims.h"
#include "sim/config/fields.h"

namespace lpusim::config {

const SchemaDoc& claims_doc();

/// Reads and checks a file of claims; errors go to `diagnostics`, and the value is of use only
/// without any.
Claims read_claims(const YamlNode& root, Diagnostics& diagnostics);

}  // namespace lpusim::config
