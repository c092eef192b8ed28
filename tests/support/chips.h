#pragma once

#include "hw_models/chip/chip_params.h"

namespace lpusim::test {

/// A chip to calculate by hand: 16 B/cycle everywhere, 16 unpack lanes, an 8 x 8 array, and as many
/// ports per SRAM bank as there are clients, so that nobody is ever refused. Latencies are all
/// different, so that a sum tells what is in it.
inline ChipParams plain_chip() {
    ChipParams chip;
    chip.clock = Hertz(1'000'000'000);
    chip.weight_stream.rate = {{16, 1}};
    chip.weight_stream.latency = Cycles(20);
    chip.weight_stream.outstanding = 16;
    chip.sram_banks.capacity = Bytes(1 << 20);
    chip.sram_banks.banks = 16;
    chip.sram_banks.width = Bytes(16);
    chip.sram_banks.ports = 6;
    chip.sram_banks.read_latency = Cycles(2);
    chip.unpack_unit.lanes = 16;
    chip.unpack_unit.depth = Cycles(3);
    chip.unpack_unit.read_bytes = Bytes(16);
    chip.mac_array.rows = 8;
    chip.mac_array.cols = 8;
    chip.mac_array.load_bytes = Bytes(16);
    chip.rescaler.lanes = 8;
    chip.rescaler.depth = Cycles(4);
    chip.vector_unit.lanes = 8;
    for (VectorClassParams& c : chip.vector_unit.classes) c.latency = Cycles(5);
    chip.sequencer.queue_depth = 8;
    chip.sequencer.issue_latency = Cycles(1);
    return chip;
}

}  // namespace lpusim::test
