#pragma once

#include <filesystem>
#include <stdexcept>

namespace lpusim {

/// Somebody else is at work there.
class FolderInUse : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Makes a folder if need be, and holds it for this process until the process ends or lets go,
/// whichever way.
class FolderLock {
public:
    /// Throws FolderInUse, and OutputError if nothing can be written there.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int fd_;
};

}  // namespace lpusim
