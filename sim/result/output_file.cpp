#include "sim/result/output_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lpusim {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, int error) {
    throw OutputError("cannot write " + path + ": " + std::generic_category().message(error));
}

/// A descriptor that close() was not yet asked about.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    bool valid() const { return fd_ >= 0; }
    int get() const { return fd_; }
    /// Network file systems report a full disk as late as here.
    bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

private:
    int fd_;
};

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// Where the content goes: the file a symbolic link leads to, not the link.
fs::path target_of(const std::string& path) {
    std::error_code error;
    fs::path target = fs::weakly_canonical(path, error);
    return error ? fs::path(path) : target;
}

fs::path folder_of(const fs::path& target) {
    return target.has_parent_path() ? target.parent_path() : fs::path(".");
}

bool is_written_directly(const fs::path& target) {
    std::error_code error;
    const fs::file_status status = fs::status(target, error);
    return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

void write_directly(const std::string& path, std::string_view text) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.valid() || !write_all(file.get(), text) || !file.close()) fail(path, errno);
}

/// The name of a file that is removed unless it took its place.
class TemporaryFile {
public:
    explicit TemporaryFile(const fs::path& target) {
        // Unlike mkstemp, open() gives the file the permissions that the user's umask asks for.
        const std::string stem = (folder_of(target) / ("." + target.filename().string())).string();
        for (unsigned attempt = 0; fd_ < 0 && attempt < 100; ++attempt) {
            name_ = stem + "." + std::to_string(::getpid()) + "-" + std::to_string(attempt);
            fd_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (fd_ < 0 && errno != EEXIST) break;
        }
        if (fd_ < 0) name_.clear();
    }
    ~TemporaryFile() {
        if (!name_.empty()) ::unlink(name_.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    int release_descriptor() { return std::exchange(fd_, -1); }
    bool take_place_of(const fs::path& target) {
        if (std::rename(name_.c_str(), target.c_str()) != 0) return false;
        name_.clear();
        return true;
    }

private:
    std::string name_;
    int fd_ = -1;
};

/// The rename is on the disk only when the folder is. Some file systems cannot sync folders: no
/// error.
void sync_folder(const fs::path& folder) {
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.valid()) ::fsync(descriptor.get());
}

/// What a file will hold, on the disk beside it.
class NewContent {
public:
    NewContent(std::string path, fs::path target, std::string_view text)
        : path_(std::move(path)), target_(std::move(target)), temporary_(target_) {
        Descriptor file(temporary_.release_descriptor());
        if (!file.valid() || !write_all(file.get(), text) || ::fsync(file.get()) != 0 ||
            !file.close()) {
            fail(path_, errno);
        }
    }
    void take_its_place() {
        if (!temporary_.take_place_of(target_)) fail(path_, errno);
        sync_folder(folder_of(target_));
    }

private:
    std::string path_;
    fs::path target_;
    TemporaryFile temporary_;
};

}  // namespace

void check_writable(const std::string& path) {
    if (path.empty()) throw OutputError("cannot write a file without a name");
    const fs::path target = target_of(path);
    std::error_code error;
    if (fs::is_directory(target, error)) fail(path, EISDIR);
    // Renaming over a write-protected file would work; it is protected all the same.
    if (fs::exists(target, error) && ::access(target.c_str(), W_OK) != 0) fail(path, errno);
    if (is_written_directly(target)) return;

    const fs::path folder = folder_of(target);
    if (!fs::exists(folder, error)) {
        throw OutputError("cannot write " + path + ": folder " + folder.string() +
                          " does not exist");
    }
    if (::access(folder.c_str(), W_OK | X_OK) != 0) fail(path, errno);
}

void write_file(const std::string& path, std::string_view text) {
    check_writable(path);
    const fs::path target = target_of(path);
    if (is_written_directly(target)) return write_directly(path, text);
    NewContent(path, target, text).take_its_place();
}

void write_files(const std::vector<OutputFile>& files) {
    std::vector<std::unique_ptr<NewContent>> contents;
    for (const OutputFile& file : files) {
        check_writable(file.path);
        contents.push_back(
            std::make_unique<NewContent>(file.path, target_of(file.path), file.text));
    }
    for (const auto& content : contents) content->take_its_place();
}

}  // namespace lpusim
