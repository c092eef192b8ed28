#include "tests/support/straight_line.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace lpusim::test {

namespace {

/// Reads bits from a position on, least significant first.
class Bits {
public:
    Bits(const std::uint8_t* bytes, std::uint64_t bit) : bytes_(bytes), bit_(bit) {}
    std::uint64_t take(unsigned count) {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < count; ++i, ++bit_) {
            const unsigned one = (bytes_[bit_ / 8] >> (bit_ % 8)) & 1U;
            value |= std::uint64_t{one} << i;
        }
        return value;
    }
    void skip(std::uint64_t count) { bit_ += count; }
    void align() { bit_ = (bit_ + 7) / 8 * 8; }
    std::uint64_t bytes() const { return (bit_ + 7) / 8; }

private:
    const std::uint8_t* bytes_;
    std::uint64_t bit_;
};

unsigned bits_for(std::uint64_t values) {
    unsigned bits = 0;
    while ((std::uint64_t{1} << bits) < values) ++bits;
    return bits;
}

double metadata_value(const MetadataLevel& level, std::uint64_t bits) {
    MetadataKind kind = level.kind;
    if (kind == MetadataKind::ByWidth) {
        kind = level.bits == 16   ? MetadataKind::Fp16
               : level.bits == 32 ? MetadataKind::Fp32
                                  : MetadataKind::Integer;
    }
    switch (kind) {
        case MetadataKind::Fp32:
            return number_of_bits(bits, 8, 23);
        case MetadataKind::Fp16:
            return number_of_bits(bits, 5, 10);
        case MetadataKind::Bf16:
            return number_of_bits(bits, 8, 7);
        case MetadataKind::Fp8E4m3:
            return number_of_bits(bits, 4, 3);
        case MetadataKind::PowerOfTwo:
            return std::ldexp(1.0, static_cast<int>(bits) - 127);
        default:
            return static_cast<double>(bits);
    }
}

/// The common grid of a symbol's places.
struct Grid {
    explicit Grid(const NumberFormat& format) : radix(!format.code.radix_levels.empty()) {
        symmetric = format.zero_point_bits == 0;
        for (const std::uint32_t bits : format.code.field_bits) levels.push_back(1LL << bits);
        for (const std::uint32_t l : format.code.radix_levels) levels.push_back(l);
        for (const long long l : levels) steps = std::lcm(steps, top(l));
        if (!symmetric && steps > 127 && format.operand_bytes == 1) offset = 128;
    }
    /// The largest level of a place.
    long long top(long long l) const {
        if (!symmetric) return l - 1;
        return radix ? (l - 1) / 2 : l / 2 - 1;
    }
    double operand(std::size_t place, std::uint64_t code) const {
        const long long l = levels[place];
        auto level = static_cast<long long>(code);
        if (symmetric && radix) level -= l / 2;
        if (symmetric && !radix && level >= l / 2) level -= l;
        return static_cast<double>(level * (steps / top(l)) - offset);
    }

    bool radix;
    bool symmetric = true;
    std::vector<long long> levels;
    long long steps = 1;
    long long offset = 0;
};

/// Exponent and mantissa bits of a floating-point code.
std::pair<unsigned, unsigned> float_shape(const CodePattern& code) {
    const unsigned bits = code.field_bits.front();
    unsigned exponent = code.exponent_bits;
    if (exponent == 0) exponent = bits == 16 ? 5 : bits == 8 ? 4 : 2;
    return {exponent, bits - 1 - exponent};
}

/// Scales from the outermost to the innermost, then the zero point: what is stored before a weight.
std::vector<std::pair<std::size_t, MetadataLevel>> stored_before(const NumberFormat& format,
                                                                 std::uint64_t k) {
    std::vector<std::pair<std::size_t, MetadataLevel>> stored;
    const auto begins = [k](std::uint32_t per) { return per == 0 ? k == 0 : k % per == 0; };
    for (std::size_t i = format.scales.size(); i-- > 0;) {
        if (begins(format.scales[i].per_weights)) stored.emplace_back(i, format.scales[i]);
    }
    if (format.zero_point_bits != 0 && begins(format.group_size)) {
        stored.emplace_back(
            format.scales.size(),
            MetadataLevel{format.group_size, format.zero_point_bits, format.zero_point_kind});
    }
    return stored;
}

}  // namespace

double number_of_bits(std::uint64_t bits, unsigned exponent_bits, unsigned mantissa_bits) {
    const std::uint64_t mantissa = bits & ((std::uint64_t{1} << mantissa_bits) - 1);
    const auto exponent =
        static_cast<int>((bits >> mantissa_bits) & ((std::uint64_t{1} << exponent_bits) - 1));
    const bool negative = ((bits >> (exponent_bits + mantissa_bits)) & 1U) != 0;
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const double fraction =
        std::ldexp(static_cast<double>(mantissa), -static_cast<int>(mantissa_bits));
    const double value =
        exponent == 0 ? std::ldexp(fraction, 1 - bias) : std::ldexp(1 + fraction, exponent - bias);
    return negative ? -value : value;
}

double half_of_bits(std::uint16_t bits) { return number_of_bits(bits, 5, 10); }

double nearest_half(double x) {
    int exponent = 0;
    std::frexp(x, &exponent);
    // Eleven bits of fraction where numbers are normal, steps of 2^-24 below.
    const double step = std::ldexp(1.0, std::max(exponent - 11, -24));
    return std::clamp(std::nearbyint(x / step) * step, -65504.0, 65504.0);
}

StraightColumn straight_column(const NumberFormat& format,
                               const std::vector<std::uint32_t>& k_tiles, const std::uint8_t* strip,
                               std::uint64_t columns, std::uint64_t column, double tensor_scale) {
    const bool is_float = format.code.kind == CodeKind::Float;
    const bool padded = format.packing == Packing::Padded;
    const bool separate = format.layout == MetadataLayout::Separate;
    const Grid grid(format);
    const std::size_t places = grid.levels.size();
    // Value by level and place along K of the group's first weight.
    std::vector<std::map<std::uint64_t, double>> metadata(format.scales.size() + 1);
    StraightColumn result;
    std::uint64_t k = 0;
    for (const std::uint32_t rows : k_tiles) {
        std::uint64_t header_bits = 0;
        for (std::uint64_t i = k; separate && i < k + rows; ++i) {
            for (const auto& [level, it] : stored_before(format, i)) header_bits += it.bits;
        }
        const std::uint64_t header_bytes = (header_bits + 7) / 8;
        Bits header(strip, 8 * header_bytes * column);
        // All columns of a tile are equally long; read one to know how long.
        std::uint64_t column_bytes = 0;
        for (int pass = 0; pass < 2; ++pass) {
            const std::uint64_t begin =
                header_bytes * columns + (pass == 0 ? 0 : column_bytes * column);
            Bits bits(strip, 8 * begin);
            for (std::uint32_t row = 0; row < rows; row += static_cast<std::uint32_t>(places)) {
                const std::size_t n = std::min<std::size_t>(places, rows - row);
                for (std::size_t i = 0; i < n; ++i) {
                    for (const auto& [level, it] : stored_before(format, k + row + i)) {
                        if (pass == 0) {
                            bits.skip(separate ? 0 : it.bits);
                            continue;
                        }
                        const std::uint64_t value = (separate ? header : bits).take(it.bits);
                        metadata[level][k + row + i] = metadata_value(it, value);
                    }
                }
                if (padded) bits.align();
                std::uint64_t product = 1;
                for (std::size_t i = 0; i < n; ++i) {
                    product *= static_cast<std::uint64_t>(grid.levels[i]);
                }
                if (pass == 0) {
                    for (std::size_t i = 0; i < n && !grid.radix; ++i) {
                        bits.skip(bits_for(static_cast<std::uint64_t>(grid.levels[i])));
                    }
                    bits.skip(grid.radix ? bits_for(product) : 0);
                    if (padded) bits.align();
                    continue;
                }
                std::uint64_t symbol = grid.radix ? bits.take(bits_for(product)) : 0;
                for (std::size_t i = 0; i < n; ++i) {
                    const auto levels = static_cast<std::uint64_t>(grid.levels[i]);
                    const std::uint64_t code =
                        grid.radix ? symbol % levels : bits.take(bits_for(levels));
                    symbol /= levels;
                    if (is_float) {
                        const auto [exponent, mantissa] = float_shape(format.code);
                        const double value = number_of_bits(code, exponent, mantissa);
                        // In units of the smallest number for the INT8 array.
                        const double unit = number_of_bits(1, exponent, mantissa);
                        result.operands.push_back(format.operand_bytes == 1 ? value / unit : value);
                    } else {
                        result.operands.push_back(grid.operand(i, code));
                    }
                }
                if (padded) bits.align();
            }
            column_bytes = bits.bytes() - begin;
        }
        strip += (header_bytes + column_bytes) * columns;
        k += rows;
    }

    double unit = tensor_scale;
    if (is_float && format.operand_bytes == 1) {
        const auto [exponent, mantissa] = float_shape(format.code);
        unit *= number_of_bits(1, exponent, mantissa);
    }
    result.group_size = format.group_size == 0 ? k : format.group_size;
    result.grouped = format.group_size != 0;
    for (std::uint64_t begin = 0; begin < k; begin += result.group_size) {
        double scale = unit;
        for (std::size_t i = 0; i < format.scales.size(); ++i) {
            scale *= std::prev(metadata[i].upper_bound(begin))->second;
        }
        result.scales.push_back(scale);
        const bool has_zero = format.zero_point_bits != 0;
        const double zero = has_zero ? std::prev(metadata.back().upper_bound(begin))->second -
                                           static_cast<double>(grid.offset)
                                     : 0;
        result.zeros.push_back(zero);
    }
    return result;
}

}  // namespace lpusim::test
