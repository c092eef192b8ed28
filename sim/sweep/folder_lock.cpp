#include "sim/sweep/folder_lock.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "sim/result/output_file.h"

namespace lpusim {

namespace {

int open_lock(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw OutputError("cannot write " + folder.string() + ": " + error.message());
    const int fd = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        throw OutputError("cannot write " + folder.string() + ": " +
                          std::generic_category().message(errno));
    }
    return fd;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) : fd_(open_lock(folder)) {
    // Not flock(), which network file systems keep to one machine.
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(fd_, F_SETLK, &whole) == 0) return;
    const int error = errno;
    ::close(fd_);
    if (error == EACCES || error == EAGAIN) {
        throw FolderInUse("another lpusim is at work in " + folder.string());
    }
    throw OutputError("cannot lock " + folder.string() + ": " +
                      std::generic_category().message(error));
}

FolderLock::~FolderLock() { ::close(fd_); }

}  // namespace lpusim
