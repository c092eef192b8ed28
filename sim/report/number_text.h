#pragma once

#include <cstdint>
#include <string>

#include "hw_models/core/quantities.h"

namespace lpusim {

// Numbers as a person reads them. Always a decimal point, commas between thousands, a unit.

/// "424,531,120"
std::string count_text(std::uint64_t count);
/// That many significant digits, never an exponent: "2.157", "12,346", "0.0004310".
std::string real_text(double value, int significant_digits);
/// "36.50 GB", "512 B": powers of 1000. Figures that stand beside each other share a unit: that of
/// `largest`.
std::string decimal_bytes_text(Bytes bytes, Bytes largest);
std::string decimal_bytes_text(Bytes bytes);
/// "33.99 GiB", "512 B": powers of 1024.
std::string binary_bytes_text(Bytes bytes, Bytes largest);
/// "80 GB/s", "79.9973 GB/s"
std::string rate_text(double bytes_per_second);
/// "2.154 TB/s": where a sweep happens to step, not what a file says.
std::string sweep_rate_text(double bytes_per_second);
/// "463.7 ms"
std::string seconds_text(double seconds, double longest);
/// "915.5 MHz"
std::string frequency_text(Hertz frequency);
/// A share of 1 in percent, without the sign: "98.7", or "<0.1" for a little.
std::string percent_text(double share);

}  // namespace lpusim
