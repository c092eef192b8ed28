#pragma once

#include <stdexcept>

namespace lpusim {

/// A file of weights cannot be read or written, or is not what it should be; the message begins
/// with its path.
class FileError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace lpusim
