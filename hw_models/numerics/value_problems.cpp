#include <string>
#include <utility>

#include "hw_models/numerics/code_grid.h"
#include "hw_models/numerics/metadata_code.h"
#include "hw_models/numerics/weight_codes.h"

namespace lpusim {

namespace {

constexpr std::int64_t kInt8Steps = 255;
/// FP16 has 11 significant bits: all integers up to here, and not the next one.
constexpr std::int64_t kFp16Integers = 2048;
constexpr std::uint32_t kMaxIntegerMetadataBits = 16;

const char* name_of(MetadataKind kind) {
    switch (kind) {
        case MetadataKind::Fp32:
            return "FP32";
        case MetadataKind::Fp16:
            return "FP16";
        case MetadataKind::Bf16:
            return "BF16";
        case MetadataKind::Fp8E4m3:
            return "FP8 E4M3";
        case MetadataKind::PowerOfTwo:
            return "power-of-two";
        case MetadataKind::ByWidth:
        case MetadataKind::Integer:
            break;
    }
    return "integer";
}

class ValueCheck {
public:
    explicit ValueCheck(const NumberFormat& format) : format_(format) {}

    std::vector<FormatProblem> run() {
        if (format_.code.kind == CodeKind::Float) {
            check_float_code();
        } else {
            check_integer_code();
        }
        check_scales();
        if (format_.zero_point_bits != 0) check_zero_point();
        return std::move(found_);
    }

private:
    bool has_int8_operands() const { return format_.operand_bytes == kInt8Bytes; }
    const char* code_key() const {
        return format_.code.radix_levels.empty() ? "code.fields" : "code.radix";
    }
    void add(std::string key, std::string message) {
        found_.push_back({std::move(key), std::move(message)});
    }

    void check_float_code() {
        if (!format_.code.radix_levels.empty()) {
            add("code.radix", "a floating-point code is a field of bits, not a radix digit");
            return;
        }
        const std::optional<MiniFloat> code = float_code(format_.code);
        if (!code) {
            add("code.fields",
                "no such floating-point code: one field of 4 (E2M1), 6 (E2M3, E3M2), 8 (E4M3, "
                "E5M2) or "
                "16 bits (FP16, or BF16 with an exponent of 8)");
            return;
        }
        if (format_.zero_point_bits != 0) {
            add("zero_point", "a floating-point code has a sign: it takes no zero point");
        }
        if (has_int8_operands() && code->max() / code->min() > 127) {
            add("operand", "an INT8 operand cannot hold these floating-point codes exactly");
        }
    }

    void check_integer_code() {
        if (format_.code.weights_per_symbol() > kMaxSymbolWeights) {
            add(code_key(), "a symbol has more than 16 weights");
            return;
        }
        const CodeGrid grid = code_grid(format_);
        for (std::size_t i = 0; i < grid.places.size(); ++i) {
            if (grid.places[i].highest != 0) continue;
            add(std::string(code_key()) + "[" + std::to_string(i) + "]",
                "a symmetric code needs three levels or more: -1, 0 and 1");
            return;
        }
        if (format_.code.exponent_bits != 0) {
            add("code.exponent_bits", "only a floating-point code has an exponent");
        }
        if (has_int8_operands()) {
            check_int8_grid(grid);
        } else if (grid.steps == 0 || grid.steps > kFp16Integers ||
                   grid.lowest() < -kFp16Integers) {
            add(code_key(), "the codes' common grid " + text_of(grid) +
                                "; an FP16 operand holds integers up to 2048 exactly");
        }
    }

    void check_int8_grid(const CodeGrid& grid) {
        const bool fits =
            grid.steps != 0 && (grid.symmetric ? grid.steps <= 127 && grid.lowest() >= -128
                                               : grid.steps <= kInt8Steps);
        if (fits) return;
        add(code_key(), "the codes' common grid " + text_of(grid) + "; an INT8 operand holds " +
                            (grid.symmetric ? "-128 to 127" : "255"));
    }

    static std::string text_of(const CodeGrid& grid) {
        if (grid.steps == 0) return "has more than 2^31 steps";
        if (!grid.symmetric) return "has " + std::to_string(grid.steps) + " steps";
        return "goes from " + std::to_string(grid.lowest()) + " to " + std::to_string(grid.steps);
    }

    void check_scales() {
        const std::size_t levels = format_.scales.size();
        for (std::size_t i = 0; i < levels; ++i) {
            const MetadataLevel& level = format_.scales[i];
            const MetadataCode code(level.kind, level.bits);
            const std::string key = "scales[" + std::to_string(i) + "]";
            check_width(key, code.kind(), level.bits);
            const bool outermost = i + 1 == levels && !format_.tensor_scale;
            if (code.kind() == MetadataKind::Integer && outermost) {
                add(key + ".kind",
                    "an integer scale needs a floating-point scale above it; scales of 16 and 32 "
                    "bits "
                    "are FP16 and FP32, others must say their kind");
            }
        }
        if (levels == 0 && format_.tensor_scale) {
            add("tensor_scale", "a tensor scale needs a scale below it");
        }
    }

    void check_width(const std::string& key, MetadataKind kind, std::uint32_t bits) {
        const std::uint32_t required = MetadataCode::required_bits(kind);
        if (required != 0 && bits != required) {
            add(key + ".bits", std::to_string(bits) + " bits; " + name_of(kind) + " has " +
                                   std::to_string(required));
        } else if (kind == MetadataKind::Integer && bits > kMaxIntegerMetadataBits) {
            add(key + ".bits", std::to_string(bits) + " bits; an integer has 1 to 16");
        }
    }

    void check_zero_point() {
        const MetadataCode code(format_.zero_point_kind, format_.zero_point_bits);
        const MetadataKind kind = code.kind();
        const std::uint32_t required = MetadataCode::required_bits(kind);
        if (kind == MetadataKind::PowerOfTwo || kind == MetadataKind::Fp8E4m3) {
            add("zero_point_kind",
                std::string("a zero point is an integer, FP16, BF16 or FP32, not ") +
                    name_of(kind));
        } else if (required != 0 && format_.zero_point_bits != required) {
            add("zero_point", std::to_string(format_.zero_point_bits) + " bits; " + name_of(kind) +
                                  " has " + std::to_string(required));
        } else if (kind == MetadataKind::Integer &&
                   format_.zero_point_bits > kMaxIntegerMetadataBits) {
            add("zero_point", std::to_string(format_.zero_point_bits) +
                                  " bits; an integer zero point has 1 to 16");
        } else if (kind == MetadataKind::Integer && format_.code.kind == CodeKind::Integer) {
            const CodeGrid grid = code_grid(format_);
            if (code.largest() < static_cast<float>(grid.steps)) {
                add("zero_point", std::to_string(format_.zero_point_bits) +
                                      " bits; the codes' common grid has " +
                                      std::to_string(grid.steps) + " steps to point at");
            }
        }
    }

    const NumberFormat& format_;
    std::vector<FormatProblem> found_;
};

}  // namespace

std::vector<FormatProblem> value_problems(const NumberFormat& format) {
    return ValueCheck(format).run();
}

}  // namespace lpusim
