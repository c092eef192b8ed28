#include <algorithm>
#include <utility>

#include "hw_models/numerics/number_format.h"

namespace lpusim {

namespace {

constexpr std::uint32_t kMaxFieldBits = 16;
constexpr std::uint32_t kMaxRadixLevels = 256;
constexpr std::uint64_t kMaxRadixProduct = 1u << 16;
constexpr std::uint32_t kMaxMetadataBits = 32;

class ProblemList {
public:
    void add(std::string key, std::string message) {
        found_.push_back({std::move(key), std::move(message)});
    }
    void add_unless(bool good, std::string key, std::string message) {
        if (!good) add(std::move(key), std::move(message));
    }
    std::vector<FormatProblem> take() { return std::move(found_); }

private:
    std::vector<FormatProblem> found_;
};

std::string indexed(const char* list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

bool valid_operand(std::uint32_t bytes) { return bytes == 1 || bytes == 2; }

void check_fields(const NumberFormat& format, ProblemList& found) {
    const std::vector<std::uint32_t>& fields = format.code.field_bits;
    const bool known_operand = valid_operand(format.operand_bytes);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::uint32_t bits = fields[i];
        if (bits < 1 || bits > kMaxFieldBits) {
            found.add(indexed("code.fields", i),
                      std::to_string(bits) + " bits; a field has 1 to 16 bits");
        } else if (known_operand && bits > 8 * format.operand_bytes) {
            found.add(indexed("code.fields", i),
                      "a " + std::to_string(bits) + "-bit code does not fit an operand of " +
                          std::to_string(8 * format.operand_bytes) + " bits");
        }
    }
}

void check_radix(const NumberFormat& format, ProblemList& found) {
    const std::vector<std::uint32_t>& levels = format.code.radix_levels;
    std::uint64_t product = 1;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        found.add_unless(levels[i] >= 2 && levels[i] <= kMaxRadixLevels, indexed("code.radix", i),
                         std::to_string(levels[i]) + " levels; a weight has 2 to 256 levels");
        // Saturates, so that no number of levels can overflow.
        product = std::min(product * levels[i], kMaxRadixProduct + 1);
    }
    found.add_unless(product <= kMaxRadixProduct, "code.radix",
                     "a symbol has more than 65536 values (16 bits)");
}

void check_code(const NumberFormat& format, ProblemList& found) {
    const bool fields = !format.code.field_bits.empty();
    const bool radix = !format.code.radix_levels.empty();
    found.add_unless(fields || radix, "code", "neither fields nor radix is given");
    found.add_unless(!(fields && radix), "code", "both fields and radix are given; keep one");
    check_fields(format, found);
    check_radix(format, found);
}

void check_scales(const NumberFormat& format, ProblemList& found) {
    const std::vector<MetadataLevel>& scales = format.scales;
    for (std::size_t i = 0; i < scales.size(); ++i) {
        found.add_unless(scales[i].bits >= 1 && scales[i].bits <= kMaxMetadataBits,
                         indexed("scales", i) + ".bits",
                         std::to_string(scales[i].bits) + " bits; a scale has 1 to 32 bits");
        if (i == 0) continue;
        const std::uint32_t inner = scales[i - 1].per_weights;
        const std::uint32_t outer = scales[i].per_weights;
        const bool nests = inner != 0 && (outer == 0 || (outer > inner && outer % inner == 0));
        found.add_unless(nests, indexed("scales", i) + ".per",
                         "each scale must cover a whole multiple (2 or more) of the weights of "
                         "the scale before it: the innermost comes first");
    }
    if (scales.empty()) {
        found.add_unless(!format.grouped(), "group_size",
                         "groups need a scale: give scales, or no group size");
    } else {
        found.add_unless(scales.front().per_weights == format.group_size, "scales[0].per",
                         "the innermost scale covers one group (" +
                             (format.grouped() ? std::to_string(format.group_size) + " weights"
                                               : std::string("the whole column")) +
                             ")");
    }
}

}  // namespace

std::vector<FormatProblem> problems(const NumberFormat& format) {
    ProblemList found;
    check_code(format, found);
    check_scales(format, found);
    found.add_unless(format.zero_point_bits <= kMaxMetadataBits, "zero_point",
                     std::to_string(format.zero_point_bits) + " bits; a zero point has 0 to 32");
    found.add_unless(format.zero_point_bits == 0 || !format.scales.empty(), "zero_point",
                     "a zero point needs a scale");
    found.add_unless(valid_operand(format.operand_bytes), "operand_bytes",
                     std::to_string(format.operand_bytes) + " bytes; an operand has 1 or 2");
    return found.take();
}

}  // namespace lpusim
