#pragma once

#include <string>

#include "hw_models/chip/chip_params.h"
#include "hw_models/isa/program.h"

namespace lpusim::test {

/// A random small chip, made to provoke what goes wrong: rates from far below a byte per cycle to
/// far above what the banks take, one to four bank ports, blocks of words in one bank, short
/// queues, narrow ports. (In a property.)
ChipParams random_chip();

/// A random program for that chip that always ends: in the order of emission nothing waits for what
/// comes later.
isa::Program random_program(const ChipParams& chip);

/// One line per unit.
std::string describe(const ChipParams& chip);

}  // namespace lpusim::test
