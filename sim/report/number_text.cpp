#include "sim/report/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace lpusim {

namespace {

struct Scale {
    double one;
    std::string_view unit;
};

constexpr std::array kDecimalBytes = {Scale{1e15, "PB"}, Scale{1e12, "TB"}, Scale{1e9, "GB"},
                                      Scale{1e6, "MB"},  Scale{1e3, "kB"},  Scale{1, "B"}};
constexpr std::array kBinaryBytes = {Scale{0x1p50, "PiB"}, Scale{0x1p40, "TiB"},
                                     Scale{0x1p30, "GiB"}, Scale{0x1p20, "MiB"},
                                     Scale{0x1p10, "KiB"}, Scale{1, "B"}};
constexpr std::array kSeconds = {Scale{1, "s"}, Scale{1e-3, "ms"}, Scale{1e-6, "µs"},
                                 Scale{1e-9, "ns"}};
constexpr std::array kFrequencies = {Scale{1e9, "GHz"}, Scale{1e6, "MHz"}, Scale{1e3, "kHz"},
                                     Scale{1, "Hz"}};
constexpr int kUsualDigits = 4;

/// The largest unit that leaves at least one before the point; the smallest one for less.
template <std::size_t Count>
const Scale& scale_for(double value, const std::array<Scale, Count>& scales) {
    const auto found = std::find_if(scales.begin(), scales.end(),
                                    [&](const Scale& scale) { return value >= scale.one; });
    return found == scales.end() ? scales.back() : *found;
}

std::string with_commas(std::string digits) {
    constexpr std::size_t kGroup = 3;
    for (std::size_t i = digits.size(); i > kGroup;) digits.insert(i -= kGroup, 1, ',');
    return digits;
}

int decimals_for(double value, int significant_digits) {
    const double size = std::fabs(value);
    const bool has_size = std::isfinite(size) && size > 0;
    const int before_point = has_size ? static_cast<int>(std::floor(std::log10(size))) + 1 : 1;
    return std::max(0, significant_digits - before_point);
}

std::string fixed_text(double value, int decimals) {
    if (!std::isfinite(value)) return "–";
    const std::string text = fmt::format("{:.{}f}", std::fabs(value), decimals);
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::string unsigned_text = with_commas(text.substr(0, point)) + text.substr(point);
    return value < 0 ? "-" + unsigned_text : unsigned_text;
}

/// `value` as `largest` would be written with so many digits: figures of a row have equally many
/// decimals.
template <std::size_t Count>
std::string scaled_text(double value, double largest, const std::array<Scale, Count>& scales,
                        int digits) {
    const Scale& scale = scale_for(largest, scales);
    const int decimals = decimals_for(largest / scale.one, digits);
    return fmt::format("{} {}", fixed_text(value / scale.one, decimals), scale.unit);
}

template <std::size_t Count>
std::string bytes_text(Bytes bytes, Bytes largest, const std::array<Scale, Count>& scales) {
    const auto reference = static_cast<double>(largest.count());
    // Bytes are whole: nothing behind the point.
    if (scale_for(reference, scales).one == 1) return fmt::format("{} B", bytes.count());
    return scaled_text(static_cast<double>(bytes.count()), reference, scales, kUsualDigits);
}

}  // namespace

std::string count_text(std::uint64_t count) { return with_commas(std::to_string(count)); }

std::string real_text(double value, int significant_digits) {
    return fixed_text(value, decimals_for(value, significant_digits));
}

std::string decimal_bytes_text(Bytes bytes, Bytes largest) {
    return bytes_text(bytes, largest, kDecimalBytes);
}
std::string decimal_bytes_text(Bytes bytes) { return decimal_bytes_text(bytes, bytes); }
std::string binary_bytes_text(Bytes bytes, Bytes largest) {
    return bytes_text(bytes, largest, kBinaryBytes);
}

std::string rate_text(double bytes_per_second) {
    const Scale& scale = scale_for(bytes_per_second, kDecimalBytes);
    return fmt::format("{:.6g} {}/s", bytes_per_second / scale.one, scale.unit);
}

std::string sweep_rate_text(double bytes_per_second) {
    const Scale& scale = scale_for(bytes_per_second, kDecimalBytes);
    return fmt::format("{:.{}g} {}/s", bytes_per_second / scale.one, kUsualDigits, scale.unit);
}

std::string seconds_text(double seconds, double longest) {
    return scaled_text(seconds, longest, kSeconds, kUsualDigits);
}

std::string frequency_text(Hertz frequency) {
    const auto value = static_cast<double>(frequency.count());
    const Scale& scale = scale_for(value, kFrequencies);
    return fmt::format("{:.9g} {}", value / scale.one, scale.unit);
}

std::string percent_text(double share) {
    constexpr double kSmallestShown = 0.0005;
    if (share > 0 && share < kSmallestShown) return "<0.1";
    return fmt::format("{:.1f}", share * 100);
}

}  // namespace lpusim
