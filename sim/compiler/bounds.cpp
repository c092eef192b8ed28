#include "sim/compiler/bounds.h"

namespace lpusim {

namespace {

Cycles at_rate(std::uint64_t amount, std::uint64_t per_cycle) {
    return Cycles(ceil_div(amount, per_cycle));
}

}  // namespace

std::vector<LowerBound> lower_bounds(const Work& work, const ChipParams& chip) {
    const SramBanksParams& sram = chip.sram_banks;
    // What the stream writes and what is read as operands; activation traffic comes on top.
    const Bytes bank_bytes = work.stream_total() + work.unpack_read_bytes + work.kv_read_bytes;
    const std::uint64_t bank_bytes_per_cycle =
        sram.width.count() * sram.banks * std::uint64_t{sram.ports};
    return {
        {"stream bytes / effective bytes per cycle",
         chip.weight_stream.rate.cycles_for(work.stream_total())},
        {"unpacked operand bytes / unpack lanes",
         at_rate(work.unpacked_operand_bytes.count(), chip.unpack_unit.lanes)},
        {"unpack read bytes / read bytes per cycle",
         at_rate(work.unpack_read_bytes.count(), chip.unpack_unit.read_bytes.count())},
        {"load port bytes / port width",
         at_rate(work.port_bytes.count(), chip.mac_array.load_bytes.count())},
        {"vectors x tiles x cycles per vector", work.compute_cycles},
        {"SRAM bytes / bank bandwidth", at_rate(bank_bytes.count(), bank_bytes_per_cycle)},
        {"rescales / rescaler lanes", at_rate(work.rescales, chip.rescaler.lanes)},
        {"vector beats", work.vector_beats},
    };
}

}  // namespace lpusim
