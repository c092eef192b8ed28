#pragma once

#include <cstdint>
#include <string>

#include "hw_models/numerics/bits.h"

namespace lpusim {

/// A regular file mapped for reading, for as long as the object lives. Its pages come and go with
/// use: a file may be larger than memory. (A file that someone else shortens meanwhile ends the
/// process, as with any mapping.)
class MappedFile {
public:
    /// Throws FileError.
    explicit MappedFile(const std::string& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    const std::string& path() const { return path_; }
    ByteView bytes() const { return bytes_; }

private:
    std::string path_;
    void* address_ = nullptr;
    ByteView bytes_;
};

}  // namespace lpusim
