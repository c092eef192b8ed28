#include "hw_models/numerics/operand_decoder.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lpusim {

namespace {

/// A look-up stores eight operands at once, of which the first ones count.
constexpr std::uint32_t kOperandsPerStore = 8;
/// Keeps the table of fields in the first-level cache.
constexpr std::uint32_t kTableBits = 8;
constexpr std::uint32_t kWordBits = 64;

}  // namespace

/// A chunk's table at hand.
struct OperandDecoder::Look {
    explicit Look(const Chunk& chunk)
        : table(chunk.operands.data()), mask(chunk.operands.size() - 1), weights(chunk.weights) {}

    std::uint64_t decode(const std::uint8_t* bytes, std::uint64_t bit,
                         std::int8_t* operands) const {
        const std::uint64_t value = (load_le64(bytes + bit / 8) >> (bit % 8)) & mask;
        store_le64(reinterpret_cast<std::uint8_t*>(operands), table[value]);
        return value;
    }

    const std::uint64_t* table;
    std::uint64_t mask;
    std::uint32_t weights;
};

OperandDecoder::OperandDecoder(const NumberFormat& format, const WeightCodes& codes)
    : symbols_(format) {
    for (std::size_t place = 0; place < codes.places().size(); ++place) {
        std::vector<std::int8_t>& row = operands_.emplace_back();
        for (std::uint32_t code = 0; code < codes.places()[place].levels; ++code) {
            row.push_back(static_cast<std::int8_t>(codes.int8_operand(place, code)));
        }
    }
    const std::uint32_t weights = symbols_.weights_per_symbol();
    const std::uint32_t bits = symbols_.stored_bits(weights);
    if (symbols_.is_radix()) {
        if (weights > kOperandsPerStore) return;
        add_chunk(0, weights, format.code.symbol_bits(weights));
        cycle_bits_ = bits;
        cycle_weights_ = weights;
    } else {
        const bool dense = format.packing == Packing::Dense;
        const std::uint32_t symbols = dense ? std::max(1U, kTableBits / bits) : 1;
        cut_fields(format.code.field_bits, symbols);
        cycle_bits_ = bits * symbols;
        cycle_weights_ = weights * symbols;
    }
}

void OperandDecoder::cut_fields(const std::vector<std::uint32_t>& fields, std::uint32_t symbols) {
    const auto per_symbol = static_cast<std::uint32_t>(fields.size());
    std::uint32_t first = 0;
    std::uint32_t bits = 0;
    const std::uint32_t end = per_symbol * symbols;
    for (std::uint32_t i = 0; i < end; ++i) {
        const std::uint32_t width = fields[i % per_symbol];
        if (bits + width > kTableBits) {
            add_chunk(first, i - first, bits);
            first = i;
            bits = 0;
        }
        bits += width;
    }
    add_chunk(first, end - first, bits);
}

void OperandDecoder::add_chunk(std::uint32_t first, std::uint32_t weights, std::uint32_t bits) {
    Chunk chunk;
    chunk.bit = cycle_.empty() ? 0 : cycle_.back().bit + cycle_.back().bits;
    chunk.bits = bits;
    chunk.weights = weights;
    chunk.operands.resize(std::size_t{1} << bits);
    for (std::uint32_t value = 0; value < chunk.operands.size(); ++value) {
        std::uint32_t rest = value;
        for (std::uint32_t i = 0; i < weights; ++i) {
            const std::vector<std::int8_t>& operands = operands_[(first + i) % operands_.size()];
            const auto levels = static_cast<std::uint32_t>(operands.size());
            const auto operand = static_cast<std::uint8_t>(operands[rest % levels]);
            chunk.operands[value] |= std::uint64_t{operand} << (8 * i);
            rest /= levels;
        }
    }
    cycle_.push_back(std::move(chunk));
}

std::uint64_t OperandDecoder::cycles_in(ByteView bytes, std::uint64_t bit, std::uint32_t rows,
                                        std::uint64_t room) const {
    // The last word read and the last eight operands stored must lie inside.
    if (cycle_.empty() || room < kOperandsPerStore || bytes.size * 8 < bit + kWordBits) return 0;
    return std::min({std::uint64_t{rows / cycle_weights_},
                     (room - (kOperandsPerStore - 1)) / cycle_weights_,
                     (bytes.size * 8 - bit - kWordBits) / cycle_bits_});
}

std::uint64_t OperandDecoder::decode_cycles(ByteView bytes, std::uint64_t bit, std::uint64_t cycles,
                                            std::int8_t* operands) const {
    // Whether all symbols had a meaning is looked at once, behind the loop.
    std::uint64_t largest = 0;
    // Local copies: the compiler must assume that storing bytes changes members.
    const std::uint32_t stride = cycle_bits_;
    if (cycle_.size() == 1) {
        const Look look(cycle_.front());
        for (; cycles > 0; --cycles, bit += stride) {
            largest = std::max(largest, look.decode(bytes.data, bit, operands));
            operands += look.weights;
        }
        return largest;
    }
    for (; cycles > 0; --cycles, bit += stride) {
        for (const Chunk& chunk : cycle_) {
            Look(chunk).decode(bytes.data, bit + chunk.bit, operands);
            operands += chunk.weights;
        }
    }
    return largest;
}

std::uint32_t OperandDecoder::decode_slowly(ByteView bytes, std::uint64_t bit, std::uint32_t rows,
                                            std::int8_t* operands) const {
    std::array<std::uint16_t, kMaxSymbolWeights> codes{};
    const std::uint32_t weights = symbols_.weights_per_symbol();
    for (std::uint32_t row = 0; row < rows; row += weights) {
        const std::uint32_t n = std::min(weights, rows - row);
        if (symbols_.decode(bytes, bit, n, codes.data()) != n) return row;
        for (std::uint32_t i = 0; i < n; ++i) operands[row + i] = operands_[i][codes[i]];
        bit += symbols_.stored_bits(n);
    }
    return rows;
}

std::uint32_t OperandDecoder::decode(ByteView bytes, std::uint64_t bit, std::uint32_t rows,
                                     std::int8_t* operands, std::uint64_t room) const {
    const std::uint64_t cycles = cycles_in(bytes, bit, rows, room);
    const std::uint64_t largest = decode_cycles(bytes, bit, cycles, operands);
    if (symbols_.is_radix() && largest >= symbols_.radix_values()) {
        return decode_slowly(bytes, bit, rows, operands);
    }
    const auto done = static_cast<std::uint32_t>(cycles * cycle_weights_);
    return done + decode_slowly(bytes, bit + cycles * cycle_bits_, rows - done, operands + done);
}

}  // namespace lpusim
