#include "sim/quantize/mapped_file.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/quantize/file_error.h"

namespace lpusim {

namespace {

[[noreturn]] void fail(const std::string& path, int error) {
    throw FileError(path + ": cannot be read: " + std::generic_category().message(error));
}

/// Closes the file; the mapping does not need it.
struct Descriptor {
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
    int fd;
};

}  // namespace

MappedFile::MappedFile(const std::string& path) : path_(path) {
    // Not to wait for the other end of a pipe.
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0) fail(path, errno);
    struct stat status {};
    if (::fstat(file.fd, &status) != 0) fail(path, errno);
    if (S_ISDIR(status.st_mode)) fail(path, EISDIR);
    if (!S_ISREG(status.st_mode)) throw FileError(path + ": is not a regular file");
    bytes_.size = static_cast<std::uint64_t>(status.st_size);
    if (bytes_.size == 0) return;

    address_ = ::mmap(nullptr, bytes_.size, PROT_READ, MAP_PRIVATE, file.fd, 0);
    if (address_ == MAP_FAILED) fail(path, errno);
    bytes_.data = static_cast<const std::uint8_t*>(address_);
    // A hint; read-ahead is all it is about.
    ::madvise(address_, bytes_.size, MADV_SEQUENTIAL);
}

MappedFile::~MappedFile() {
    if (address_ != nullptr) ::munmap(address_, bytes_.size);
}

}  // namespace lpusim
