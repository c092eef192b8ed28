#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lpusim {

/// A folder of its own, removed with everything in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// Writes a file and returns its path.
    std::filesystem::path write(const std::string& name, std::string_view content) const;

private:
    std::filesystem::path path_;
};

/// What check_file() says of a file with this content, each line without the folder it was in.
std::vector<std::string> errors_of(std::string_view content, const std::string& name = "chip.yaml");

/// Replaces `from`, which must occur exactly once.
std::string replaced(std::string text, std::string_view from, std::string_view to);

/// A valid hardware file, with the positions that the tests' errors name.
extern const std::string_view kSmallChip;

}  // namespace lpusim
