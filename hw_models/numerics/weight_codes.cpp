#include "hw_models/numerics/weight_codes.h"

#include <stdexcept>

namespace lpusim {

std::optional<MiniFloat> float_code(const CodePattern& code) {
    if (code.field_bits.size() != 1) return std::nullopt;
    const std::uint32_t width = code.field_bits.front();
    for (const MiniFloat& format :
         {kFp4E2m1, kFp6E2m3, kFp6E3m2, kFp8E4m3, kFp8E5m2, kFp16, kBf16}) {
        const bool exponent_fits =
            code.exponent_bits == 0 || code.exponent_bits == format.exponent_bits;
        if (format.bits() == width && exponent_fits) return format;
    }
    return std::nullopt;
}

WeightCodes::WeightCodes(const NumberFormat& format)
    : symmetric_(format.zero_point_bits == 0), fields_(!format.code.field_bits.empty()) {
    const std::vector<FormatProblem> found = value_problems(format);
    if (!found.empty()) {
        throw std::invalid_argument(format.name + ": " + found.front().key + ": " +
                                    found.front().message);
    }
    if (format.code.kind == CodeKind::Float) {
        float_ = float_code(format.code);
        span_ = float_->max();
        if (format.operand_bytes == kInt8Bytes) unit_ = float_->min();
        places_.push_back({float_->bits(), 1U << float_->bits()});
        return;
    }
    const CodeGrid grid = code_grid(format);
    span_ = static_cast<float>(grid.steps);
    if (format.operand_bytes == kInt8Bytes) offset_ = grid.int8_offset();
    places_ = grid.places;
}

std::int32_t WeightCodes::level(const CodePlace& place, std::uint32_t code) const {
    const auto plain = static_cast<std::int32_t>(code);
    if (!symmetric_) return plain;
    if (!fields_) return plain - place.bias;
    const auto sign = static_cast<std::int32_t>(place.levels / 2);
    return (plain ^ sign) - sign;
}

bool WeightCodes::valid(std::size_t place, std::uint32_t code) const {
    return code < places_[place].levels && (!float_ || float_->is_finite(code));
}

std::int32_t WeightCodes::int8_operand(std::size_t place, std::uint32_t code) const {
    if (float_) return static_cast<std::int32_t>(float_->decode(code) / unit_);
    const CodePlace& p = places_[place];
    return p.step * level(p, code) - offset_;
}

std::uint16_t WeightCodes::float_operand(std::size_t place, std::uint32_t code) const {
    if (float_ && float_->bits() == 16) return static_cast<std::uint16_t>(code);
    const float value = float_
                            ? float_->decode(code)
                            : static_cast<float>(places_[place].step * level(places_[place], code));
    return static_cast<std::uint16_t>(kFp16.encode(static_cast<double>(value)));
}

bool WeightCodes::operands_are_bf16() const {
    return float_ && float_->exponent_bits == kBf16.exponent_bits;
}

float WeightCodes::value_of_float_operand(std::uint16_t operand) const {
    return (operands_are_bf16() ? kBf16 : kFp16).decode(operand);
}

}  // namespace lpusim
