#include "sim/result/output_file.h"

#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/result/scratch_folder.h"

namespace lpusim {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string error_of(const std::string& path) {
    try {
        write_file(path, "text");
    } catch (const OutputError& e) {
        return e.what();
    }
    return "";
}

std::ptrdiff_t entries(const ScratchFolder& folder) {
    return std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator());
}

TEST(OutputFile, IsWrittenAndReplaced) {
    const ScratchFolder folder;
    write_file(folder.file("a.json"), "first");
    EXPECT_EQ(content_of(folder.file("a.json")), "first");
    write_file(folder.file("a.json"), "second");
    EXPECT_EQ(content_of(folder.file("a.json")), "second");
    EXPECT_EQ(entries(folder), 1);
}

TEST(OutputFile, GoesWhereALinkLeads) {
    const ScratchFolder folder;
    write_file(folder.file("target"), "old");
    fs::create_symlink(folder.file("target"), folder.file("link"));
    write_file(folder.file("link"), "new");
    EXPECT_TRUE(fs::is_symlink(folder.file("link")));
    EXPECT_EQ(content_of(folder.file("target")), "new");
}

TEST(OutputFile, DevicesAreWrittenToNotReplaced) {
    write_file("/dev/null", "text");
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(OutputFile, SaysThatTheFolderIsMissing) {
    const ScratchFolder folder;
    EXPECT_EQ(error_of(folder.file("none/a.json")), "cannot write " + folder.file("none/a.json") +
                                                        ": folder " + folder.file("none") +
                                                        " does not exist");
    EXPECT_THROW(check_writable(folder.file("none/a.json")), OutputError);
}

TEST(OutputFile, SaysThatItIsAFolder) {
    const ScratchFolder folder;
    EXPECT_EQ(error_of(folder.path().string()),
              "cannot write " + folder.path().string() + ": Is a directory");
    EXPECT_THROW(check_writable(folder.path().string()), OutputError);
    EXPECT_THROW(check_writable(""), OutputError);
}

TEST(OutputFile, SaysThatItIsProtected) {
    const ScratchFolder folder;
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    write_file(folder.file("a.json"), "kept");
    fs::permissions(folder.file("a.json"), fs::perms::owner_read);
    EXPECT_THAT(error_of(folder.file("a.json")), HasSubstr("Permission denied"));
    fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_THAT(error_of(folder.file("b.json")), HasSubstr("Permission denied"));
    fs::permissions(folder.path(), fs::perms::owner_all);
    EXPECT_EQ(content_of(folder.file("a.json")), "kept");
}

TEST(OutputFile, AFullDiskSaysSo) {
    EXPECT_EQ(error_of("/dev/full"), "cannot write /dev/full: No space left on device");
}

// A limit on the size of files stands for a disk that fills up halfway.
TEST(OutputFile, StaysAsItWasWhenTheNewContentDoesNotFit) {
    const ScratchFolder folder;
    write_file(folder.file("a.json"), "kept");
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1'000, RLIM_INFINITY};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_THROW(write_file(folder.file("a.json"), std::string(2'000, 'x')), OutputError);
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &unlimited);
    EXPECT_EQ(content_of(folder.file("a.json")), "kept");
    EXPECT_EQ(entries(folder), 1);
}

}  // namespace
}  // namespace lpusim
