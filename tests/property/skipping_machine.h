#pragma once

#include "tests/property/compiled_machine.h"
#include "tests/support/pick.h"

namespace lpusim::test {

// Random machines of which fast-forward skips much. (In a property.)

/// Many equal layers.
inline CompiledMachine deep_machine() {
    CompiledMachine machine = compiled_machine(1);
    machine.input.model.layers = pick<std::uint32_t>(10, 30);
    machine.input.scenario.layers = 0;
    machine.input.chip.sram_banks.capacity = Bytes(1 << 26);
    machine.compiled = compile(machine.input);
    return machine;
}

/// All else comes to rest between two arrivals of a stream that is so slow.
inline CompiledMachine held_back_machine() {
    CompiledMachine machine = compiled_machine(2);
    ChipParams& chip = machine.input.chip;
    chip.weight_stream.rate = {reduced(pick(1, 60), pick(1, 200))};
    if (chance(80)) chip.weight_stream.refresh_period = Cycles(0);
    Model& model = machine.input.model;
    model.hidden = pick<std::uint32_t>(20, 120);
    model.intermediate = pick<std::uint32_t>(20, 160);
    model.vocab = pick<std::uint32_t>(20, 160);
    model.layers = pick<std::uint32_t>(1, 4);
    machine.input.scenario.layers = 0;
    machine.input.placement = Placement::Streamed;
    chip.sram_banks.capacity = Bytes(1 << 22);
    try {
        machine.compiled = compile(machine.input);
    } catch (const CompileError&) {
        RC_DISCARD("does not compile");
    }
    RC_LOG() << describe(machine.input) << "\n" << describe(chip);
    return machine;
}

}  // namespace lpusim::test
