#pragma once

#include <cstdint>
#include <string>

#include "hw_models/numerics/bits.h"

namespace lpusim {

/// A file that is written piece by piece beside its place and takes it when it is whole. What stood
/// there before stays until then, and for good if commit() is never reached.
class StagedFile {
public:
    /// Throws FileError: such a file cannot be.
    explicit StagedFile(const std::string& path);
    ~StagedFile();
    StagedFile(const StagedFile&) = delete;
    StagedFile& operator=(const StagedFile&) = delete;

    /// Throws OutputError, like commit(): it does not fit on the disk, say.
    void append(ByteView bytes);
    void append(const std::string& text);
    std::uint64_t size() const { return size_; }
    /// Puts it on the disk and in its place.
    void commit();

private:
    std::string complaint(int error) const;

    std::string path_;
    std::string temporary_;
    int fd_ = -1;
    std::uint64_t size_ = 0;
};

}  // namespace lpusim
