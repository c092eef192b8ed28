#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/symbol_codec.h"
#include "hw_models/numerics/weight_codes.h"

namespace lpusim {

/// Packed symbols to INT8 operands, as the unpack unit does it: integers only, a table look-up per
/// one or a few weights.
class OperandDecoder {
public:
    /// Only for formats with operands of one byte.
    OperandDecoder(const NumberFormat& format, const WeightCodes& codes);

    /// The operands of `rows` weights whose first symbol begins at `bit`. `room` >= rows: operands
    /// that may be overwritten from `operands` on; more room is faster. Returns as
    /// SymbolCodec::decode().
    std::uint32_t decode(ByteView bytes, std::uint64_t bit, std::uint32_t rows,
                         std::int8_t* operands, std::uint64_t room) const;

private:
    /// Consecutive weights that one look-up decodes.
    struct Chunk {
        /// Where it begins in its cycle.
        std::uint32_t bit = 0;
        std::uint32_t bits = 0;
        std::uint32_t weights = 0;
        /// By the chunk's bits: the operands, one byte each, the first lowest.
        std::vector<std::uint64_t> operands;
    };
    struct Look;

    void cut_fields(const std::vector<std::uint32_t>& fields, std::uint32_t symbols);
    void add_chunk(std::uint32_t first, std::uint32_t weights, std::uint32_t bits);
    std::uint64_t cycles_in(ByteView bytes, std::uint64_t bit, std::uint32_t rows,
                            std::uint64_t room) const;
    std::uint64_t decode_cycles(ByteView bytes, std::uint64_t bit, std::uint64_t cycles,
                                std::int8_t* operands) const;
    std::uint32_t decode_slowly(ByteView bytes, std::uint64_t bit, std::uint32_t rows,
                                std::int8_t* operands) const;

    SymbolCodec symbols_;
    /// By place and code.
    std::vector<std::vector<std::int8_t>> operands_;
    /// What one turn of the fast loop decodes: whole symbols. Empty: no fast loop.
    std::vector<Chunk> cycle_;
    std::uint32_t cycle_bits_ = 0;
    std::uint32_t cycle_weights_ = 0;
};

}  // namespace lpusim
