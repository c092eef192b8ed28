#include "hw_models/numerics/symbol_codec.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace lpusim {

namespace {

/// Fields are written together as long as they fit one write.
constexpr std::uint32_t kMaxWrite = 32;
constexpr std::size_t kCheckedAtOnce = 256;
constexpr std::uint32_t kNibbles = 8;

/// Known shifts: a third of the time of the general case, and four bits are what most formats have.
std::uint32_t join_nibbles(const std::uint16_t* codes) {
    std::uint32_t word = 0;
    for (std::uint32_t i = 0; i < kNibbles; ++i) word |= std::uint32_t{codes[i]} << (4 * i);
    return word;
}
constexpr const char* kWideCode = "a code is wider than its field";

}  // namespace

SymbolCodec::SymbolCodec(const NumberFormat& format)
    : packing_(format.packing),
      weights_(format.code.weights_per_symbol()),
      fields_(format.code.field_bits),
      levels_(format.code.radix_levels) {
    values_.assign(std::size_t{weights_} + 1, 1);
    for (std::uint32_t n = 0; n <= weights_; ++n) {
        bits_.push_back(format.code.symbol_bits(n));
        if (is_radix() && n > 0) values_[n] = values_[n - 1] * levels_[n - 1];
    }
    if (is_radix() || packing_ == Packing::Padded) return;
    while (bundle_bits_ + bits_[weights_] <= kMaxWrite) {
        for (const std::uint32_t bits : fields_) {
            bundle_.push_back(1U << bundle_bits_);
            bundle_bits_ += bits;
        }
    }
    if (bundle_.empty()) return;
    nibbles_ = std::all_of(fields_.begin(), fields_.end(), [](std::uint32_t b) { return b == 4; });
    while (excess_.size() < kCheckedAtOnce) {
        for (const std::uint32_t bits : fields_) {
            excess_.push_back(static_cast<std::uint16_t>(0xffffU << bits));
        }
    }
}

std::uint32_t SymbolCodec::stored_bits(std::uint32_t n) const {
    if (packing_ == Packing::Dense) return bits_[n];
    return static_cast<std::uint32_t>(round_up(bits_[n], 8));
}

void SymbolCodec::encode(const std::uint16_t* codes, std::uint32_t rows, BitWriter& out) const {
    for (std::uint32_t row = encode_bundles(codes, rows, out); row < rows; row += weights_) {
        const std::uint32_t n = std::min(weights_, rows - row);
        if (is_radix()) {
            encode_radix(codes + row, n, out);
        } else {
            encode_fields(codes + row, n, out);
        }
        if (packing_ == Packing::Padded) out.align();
    }
}

void SymbolCodec::check_bundles(const std::uint16_t* codes, std::uint32_t rows) const {
    std::uint32_t excess = 0;
    while (rows > 0) {
        const auto count = std::min(rows, static_cast<std::uint32_t>(excess_.size()));
        for (std::uint32_t i = 0; i < count; ++i) excess |= codes[i] & excess_[i];
        codes += count;
        rows -= count;
    }
    if (excess != 0) throw std::out_of_range(kWideCode);
}

/// Returns how many weights were written.
std::uint32_t SymbolCodec::encode_bundles(const std::uint16_t* codes, std::uint32_t rows,
                                          BitWriter& out) const {
    if (bundle_.empty()) return 0;
    check_bundles(codes, rows);
    const std::uint32_t* place_values = bundle_.data();
    const auto count = static_cast<std::uint32_t>(bundle_.size());
    std::uint32_t row = 0;
    if (nibbles_) {
        for (; row + kNibbles <= rows; row += kNibbles) out.write(join_nibbles(codes + row), 32);
        return row;
    }
    for (; row + count <= rows; row += count) {
        std::uint32_t word = 0;
        for (std::uint32_t i = 0; i < count; ++i) word += codes[row + i] * place_values[i];
        out.write(word, bundle_bits_);
    }
    return row;
}

void SymbolCodec::encode_fields(const std::uint16_t* codes, std::uint32_t n, BitWriter& out) const {
    std::uint64_t word = 0;
    std::uint32_t bits = 0;
    std::uint32_t excess = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
        if (bits + fields_[i] > kMaxWrite) {
            out.write(word, bits);
            word = 0;
            bits = 0;
        }
        excess |= std::uint32_t{codes[i]} >> fields_[i];
        word |= std::uint64_t{codes[i]} << bits;
        bits += fields_[i];
    }
    if (excess != 0) throw std::out_of_range(kWideCode);
    out.write(word, bits);
}

void SymbolCodec::encode_radix(const std::uint16_t* codes, std::uint32_t n, BitWriter& out) const {
    std::uint32_t symbol = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
        if (codes[i] >= levels_[i]) throw std::out_of_range("a code is beyond its levels");
        symbol += codes[i] * values_[i];
    }
    out.write(symbol, bits_[n]);
}

std::uint32_t SymbolCodec::decode(ByteView bytes, std::uint64_t bit, std::uint32_t rows,
                                  std::uint16_t* codes) const {
    for (std::uint32_t row = 0; row < rows; row += weights_) {
        const std::uint32_t n = std::min(weights_, rows - row);
        if (is_radix()) {
            if (!decode_radix(read_bits(bytes.data, bit, bits_[n]), n, codes + row)) return row;
        } else {
            for (std::uint32_t i = 0; i < n; ++i) {
                const std::uint32_t code = read_bits(bytes.data, bit + bits_[i], fields_[i]);
                codes[row + i] = static_cast<std::uint16_t>(code);
            }
        }
        bit += stored_bits(n);
    }
    return rows;
}

bool SymbolCodec::decode_radix(std::uint32_t symbol, std::uint32_t n, std::uint16_t* codes) const {
    if (symbol >= values_[n]) return false;
    for (std::uint32_t i = 0; i < n; ++i) {
        codes[i] = static_cast<std::uint16_t>(symbol % levels_[i]);
        symbol /= levels_[i];
    }
    return true;
}

}  // namespace lpusim
