#pragma once

#include "hw_models/numerics/number_format.h"
#include "sim/config/fields.h"

namespace lpusim::config {

const SchemaDoc& format_doc();
/// Throws BadValue if a node is no value of a key of it.
void check_format_value(std::string_view key, const YamlNode& node);

/// Reads and checks a format file; errors go to `diagnostics`, and the value is of use only without
/// any.
NumberFormat read_format(const YamlNode& root, Diagnostics& diagnostics);

Json format_json(const NumberFormat& format);

}  // namespace lpusim::config
