#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw_models/chip/chip_params.h"
#include "hw_models/isa/program.h"

namespace lpusim::test {

/// What a program, or one operator of it, asks of each engine of a chip: calculated from its text
/// and loops alone.
struct ProgramWork {
    std::uint64_t stream_bytes = 0;
    std::array<std::uint64_t, isa::kTrafficCount> payload_bytes{};
    std::uint64_t stream_words = 0;
    std::uint64_t weights = 0;
    std::uint64_t packed_bytes = 0;
    std::uint64_t unpacked_bytes = 0;
    std::uint64_t unpack_beats = 0;
    std::uint64_t unpack_words = 0;
    std::uint64_t kv_bytes = 0;
    std::uint64_t kv_words = 0;
    std::uint64_t tiles = 0;
    std::uint64_t port_bytes = 0;
    std::uint64_t port_beats = 0;
    std::uint64_t installed_bytes = 0;
    std::uint64_t macs = 0;
    /// Vectors x cycles per vector.
    std::uint64_t compute_cycles = 0;
    std::uint64_t activation_words = 0;
    std::uint64_t rescales = 0;
    std::uint64_t rescale_cycles = 0;
    std::uint64_t result_bytes = 0;
    std::uint64_t result_words = 0;
    std::uint64_t vector_beats = 0;
    std::uint64_t vector_words = 0;

    std::uint64_t sram_words() const {
        return stream_words + unpack_words + kv_words + activation_words + result_words +
               vector_words;
    }
};

/// Per operator.
std::vector<ProgramWork> work_of(const isa::Program& program, const ChipParams& chip);
ProgramWork sum(const std::vector<ProgramWork>& works);

}  // namespace lpusim::test
