#include "sim/result/output_file.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace lpusim {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string content_of(const fs::path& path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
}

class OutputFile : public testing::Test {
protected:
    OutputFile() {
        std::string name = (fs::temp_directory_path() / "lpusim-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~OutputFile() override { fs::remove_all(folder_); }
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    std::string path(const char* name) const { return (folder_ / name).string(); }
    std::ptrdiff_t entries() const {
        return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
    }
    static std::string error_of(const std::string& path) {
        try {
            write_file(path, "text");
        } catch (const OutputError& e) {
            return e.what();
        }
        return "";
    }

    fs::path folder_;
};

TEST_F(OutputFile, IsWrittenAndReplaced) {
    write_file(path("a.json"), "first");
    EXPECT_EQ(content_of(path("a.json")), "first");
    write_file(path("a.json"), "second");
    EXPECT_EQ(content_of(path("a.json")), "second");
    EXPECT_EQ(entries(), 1);
}

TEST_F(OutputFile, GoesWhereALinkLeads) {
    write_file(path("target"), "old");
    fs::create_symlink(path("target"), path("link"));
    write_file(path("link"), "new");
    EXPECT_TRUE(fs::is_symlink(path("link")));
    EXPECT_EQ(content_of(path("target")), "new");
}

TEST_F(OutputFile, DevicesAreWrittenToNotReplaced) {
    write_file("/dev/null", "text");
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(OutputFile, SaysThatTheFolderIsMissing) {
    EXPECT_EQ(error_of(path("none/a.json")), "cannot write " + path("none/a.json") + ": folder " +
                                                 path("none") + " does not exist");
    EXPECT_THROW(check_writable(path("none/a.json")), OutputError);
}

TEST_F(OutputFile, SaysThatItIsAFolder) {
    EXPECT_EQ(error_of(folder_.string()), "cannot write " + folder_.string() + ": Is a directory");
    EXPECT_THROW(check_writable(folder_.string()), OutputError);
    EXPECT_THROW(check_writable(""), OutputError);
}

TEST_F(OutputFile, SaysThatItIsProtected) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    write_file(path("a.json"), "kept");
    fs::permissions(path("a.json"), fs::perms::owner_read);
    EXPECT_THAT(error_of(path("a.json")), HasSubstr("Permission denied"));
    fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_THAT(error_of(path("b.json")), HasSubstr("Permission denied"));
    fs::permissions(folder_, fs::perms::owner_all);
    EXPECT_EQ(content_of(path("a.json")), "kept");
}

TEST_F(OutputFile, AFullDiskSaysSo) {
    EXPECT_EQ(error_of("/dev/full"), "cannot write /dev/full: No space left on device");
}

// A limit on the size of files stands for a disk that fills up halfway.
TEST_F(OutputFile, StaysAsItWasWhenTheNewContentDoesNotFit) {
    write_file(path("a.json"), "kept");
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1'000, RLIM_INFINITY};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_THROW(write_file(path("a.json"), std::string(2'000, 'x')), OutputError);
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &unlimited);
    EXPECT_EQ(content_of(path("a.json")), "kept");
    EXPECT_EQ(entries(), 1);
}

}  // namespace
}  // namespace lpusim
