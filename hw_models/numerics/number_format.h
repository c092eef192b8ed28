#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/core/quantities.h"
#include "hw_models/isa/tile_layout.h"

namespace lpusim {

inline constexpr std::uint32_t kInt8Bytes = 1;

/// What one code means; the geometry does not depend on it.
enum class CodeKind : std::uint8_t { Integer, Float };

/// Codes along K, repeating: one symbol holds field_bits.size() or radix_levels.size() weights.
struct CodePattern {
    CodeKind kind = CodeKind::Integer;
    /// Bit width of each weight of a symbol ([4,3] -> 3.5 bits per weight). Empty for a radix code.
    std::vector<std::uint32_t> field_bits;
    /// Levels of each weight of a mixed-radix symbol ([11,11] -> 121 <= 128 -> 7 bits), or empty.
    std::vector<std::uint32_t> radix_levels;
    /// Exponent width of a Float code; 0: the usual one of its width (4: E2M1, 6: E2M3, 8: E4M3,
    /// 16: FP16).
    std::uint32_t exponent_bits = 0;

    std::uint32_t weights_per_symbol() const;
    /// Bits of the first n weights of a symbol, n <= weights_per_symbol(): a short last symbol
    /// stores only the fields it has; a short radix symbol only the bits that its levels' product
    /// needs.
    std::uint32_t symbol_bits(std::uint32_t n) const;
};

enum class Packing : std::uint8_t {
    /// A bit stream without padding inside a tile column.
    Dense,
    /// Each symbol starts on a byte and is rounded up to whole bytes. Inline metadata keeps its own
    /// bits; padding follows it up to the byte on which its symbol starts.
    Padded
};

enum class MetadataLayout : std::uint8_t {
    /// In the bit stream, before the symbol that holds the first weight of its group (a group
    /// boundary does not cut a symbol). What precedes one symbol is in the order of the weights,
    /// and for one weight from the outermost scale to the innermost, then the zero point.
    Inline,
    /// All metadata of a tile in front of its codes, each column's part rounded up to whole bytes.
    Separate
};

/// What the bits of a scale or zero point mean; the geometry does not depend on it.
enum class MetadataKind : std::uint8_t {
    /// The usual one of the width: 16 FP16, 32 FP32, any other an unsigned integer.
    ByWidth,
    Fp32,
    Fp16,
    Bf16,
    /// FP8 E4M3 of the OCP 8-bit floating point specification (OFP8).
    Fp8E4m3,
    /// E8M0 of the OCP microscaling formats specification: 2^(code - 127).
    PowerOfTwo,
    /// Unsigned. As a scale it multiplies the scale of the next level.
    Integer
};

/// One value stored per `per_weights` weights along K of one column; 0: once per column.
struct MetadataLevel {
    std::uint32_t per_weights = 0;
    std::uint32_t bits = 16;
    MetadataKind kind = MetadataKind::ByWidth;
};

/// A weight number format: data, read from configs/formats/.
struct NumberFormat {
    std::string name;
    CodePattern code;
    Packing packing = Packing::Dense;
    MetadataLayout layout = MetadataLayout::Inline;
    /// Weights along K that share the innermost scale; 0: a whole column.
    std::uint32_t group_size = 0;
    /// Scales, innermost level first. Empty for formats without scales (fp16).
    std::vector<MetadataLevel> scales;
    /// Zero point per group; 0 bits: symmetric.
    std::uint32_t zero_point_bits = 0;
    MetadataKind zero_point_kind = MetadataKind::ByWidth;
    /// Whether one FP32 scale of the whole tensor multiplies all others. It is a constant of the
    /// operator like the activations' scale: neither in the stream nor in the footprint.
    bool tensor_scale = false;
    /// Bytes of one weight on the array's operand bus: kInt8Bytes or 2 (FP16, BF16).
    std::uint32_t operand_bytes = kInt8Bytes;

    bool grouped() const { return group_size != 0; }
};

/// What is wrong with one key of a format.
struct FormatProblem {
    /// As the format files spell it: "code.fields", "group_size", "scales[1].bits".
    std::string key;
    std::string message;
};

/// Everything that makes a format meaningless; empty when it is valid. All other functions expect a
/// valid format.
std::vector<FormatProblem> problems(const NumberFormat& format);

/// Scale registers hold a group's metadata across tiles, so a tile [k_begin, k_begin + rows) of a
/// column stores the metadata of those groups that begin inside it (model.md, rule 4), and symbols
/// start anew at each tile (rule 6). A symbol must be complete before any of its weights can be
/// decoded, so prefix_bytes steps by whole symbols.
isa::TileLayout tile_layout(const NumberFormat& format, std::uint64_t k_begin, std::uint32_t rows);

/// Groups that a tile [k_begin, k_begin + rows) of at least one row touches: its rescales per
/// column. 1 when not grouped.
std::uint32_t groups_touched(const NumberFormat& format, std::uint64_t k_begin, std::uint32_t rows);

/// How one weight matrix of K = k rows and N = n columns is stored for an array whose tiles have
/// `tile_rows` rows. Every tile column is a whole number of bytes, so how N is cut into tiles does
/// not matter.
struct MatrixFootprint {
    Weights weights;
    /// Codes, metadata and alignment.
    Bytes total;
    /// Metadata alone, in bits, without the alignment that follows it.
    std::uint64_t metadata_bits = 0;
};
MatrixFootprint footprint(const NumberFormat& format, std::uint64_t k, std::uint64_t n,
                          std::uint32_t tile_rows);

}  // namespace lpusim
