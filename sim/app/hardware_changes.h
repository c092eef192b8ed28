#pragma once

#include <string>
#include <vector>

#include "sim/config/load.h"

namespace lpusim::app {

/// One number of a hardware file, halved or doubled.
struct HardwareChange {
    Override value;
    std::string from;
};

/// Each number of the effective configuration, halved and doubled, in the order of the file. A
/// number whose half is no whole multiple of its base unit has no half.
std::vector<HardwareChange> halved_and_doubled(const HardwareConfig& hardware);

/// "80 GB/s" times 0.5 -> "40 GB/s"; empty for zero, and for what is no number.
std::string scaled_value(const std::string& text, double factor);

}  // namespace lpusim::app
