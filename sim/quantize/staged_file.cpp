#include "sim/quantize/staged_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "sim/quantize/file_error.h"
#include "sim/result/output_file.h"

namespace lpusim {

namespace {

namespace fs = std::filesystem;

/// The file that a symbolic link leads to, not the link.
std::string target_of(const std::string& path) {
    std::error_code error;
    const fs::path target = fs::weakly_canonical(path, error);
    return error ? path : target.string();
}

}  // namespace

StagedFile::StagedFile(const std::string& path) : path_(target_of(path)) {
    if (path.empty()) throw FileError("cannot write a file without a name");
    std::error_code error;
    if (fs::is_directory(path_, error)) throw FileError(complaint(EISDIR));
    if (fs::exists(path_, error) && !fs::is_regular_file(path_, error)) {
        throw FileError(path_ + ": cannot be written: it is not a regular file");
    }
    for (int attempt = 0; fd_ < 0 && attempt < 100; ++attempt) {
        temporary_ =
            path_ + "." + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".tmp";
        fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd_ < 0 && errno != EEXIST) break;
    }
    if (fd_ < 0) throw FileError(complaint(errno));
}

StagedFile::~StagedFile() {
    if (fd_ >= 0) ::close(fd_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

std::string StagedFile::complaint(int error) const {
    return path_ + ": cannot be written: " + std::generic_category().message(error);
}

void StagedFile::append(ByteView bytes) {
    size_ += bytes.size;
    while (bytes.size > 0) {
        const ssize_t written = ::write(fd_, bytes.data, bytes.size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw OutputError(complaint(errno));
        bytes = bytes.from(static_cast<std::uint64_t>(written));
    }
}

void StagedFile::append(const std::string& text) {
    append(ByteView{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void StagedFile::commit() {
    // Some file systems report a full disk only when the file is closed.
    if (::fsync(fd_) != 0 || ::close(std::exchange(fd_, -1)) != 0 ||
        std::rename(temporary_.c_str(), path_.c_str()) != 0) {
        throw OutputError(complaint(errno));
    }
    temporary_.clear();
}

}  // namespace lpusim
