#pragma once

#include <stdexcept>

namespace lpusim {

/// Packed bytes hold a symbol or a value that has no meaning.
class PackedDataError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace lpusim
