#pragma once

#include "sim/config/fields.h"
#include "sim/config/slurm_settings.h"

namespace lpusim::config {

const SchemaDoc& slurm_doc();

/// Reads and checks a file of Slurm settings; errors go to `diagnostics`, and the value is of use
/// only without any.
SlurmSettings read_slurm(const YamlNode& root, Diagnostics& diagnostics);

}  // namespace lpusim::config
