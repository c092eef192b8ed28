#pragma once

#include <string>

#include "sim/config/load.h"

namespace lpusim {

/// Every key of a kind of file, as text for a terminal: what it is, what is allowed, its default.
/// For hardware the shipped values follow, with their confidence and source.
std::string describe(FileKind kind);

/// docs/configuration.md: how files are written, and every key of every kind.
std::string configuration_reference();

}  // namespace lpusim
