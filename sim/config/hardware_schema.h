#pragma once

#include "sim/config/fields.h"
#include "sim/config/hardware_config.h"

namespace lpusim::config {

const SchemaDoc& hardware_doc();
/// Throws BadValue if a node is no value of a key of it.
void check_hardware_value(std::string_view key, const YamlNode& node);

/// Reads and checks a hardware file; errors go to `diagnostics`, and the value is of use only
/// without any.
HardwareConfig read_hardware(const YamlNode& root, Diagnostics& diagnostics);

Json hardware_json(const HardwareConfig& config);

}  // namespace lpusim::config
