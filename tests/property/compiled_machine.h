#pragma once

#include <rapidcheck.h>

#include "tests/property/random_machine.h"
#include "tests/support/compile_cases.h"

namespace lpusim::test {

/// A random model, format and scenario compiled for a random small machine. Cases that do not
/// compile are discarded. (In a property.)
struct CompiledMachine {
    CompileCase input;
    CompiledProgram compiled;
};

inline CompiledMachine compiled_machine(std::uint64_t tokens) {
    CompiledMachine machine;
    machine.input = arbitrary_case();
    machine.input.tokens = tokens;
    // What the compiler plans with comes from the case, what only time depends on from the random
    // chip.
    const ChipParams timing = random_chip();
    ChipParams& chip = machine.input.chip;
    chip.weight_stream = timing.weight_stream;
    chip.unpack_unit = timing.unpack_unit;
    chip.rescaler = timing.rescaler;
    chip.vector_unit = timing.vector_unit;
    chip.sequencer = timing.sequencer;
    chip.sram_banks.ports = timing.sram_banks.ports;
    chip.sram_banks.read_latency = timing.sram_banks.read_latency;
    chip.sram_banks.arbitration = timing.sram_banks.arbitration;
    try {
        machine.compiled = compile(machine.input);
    } catch (const CompileError&) {
        RC_DISCARD("does not compile");
    }
    RC_LOG() << describe(machine.input) << "\n" << describe(chip);
    return machine;
}

}  // namespace lpusim::test
