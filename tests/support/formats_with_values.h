#pragma once

#include <string>

#include "hw_models/numerics/number_format.h"

namespace lpusim {

/// A random format whose codes and metadata mean something: fields, radix digits, floats; symmetric
/// and asymmetric; columns and groups; every layout. Only inside a rapidcheck property.
NumberFormat arbitrary_format_with_values();
std::string describe(const NumberFormat& format);

}  // namespace lpusim
