#include "sim/config/data_files.h"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/temporary_file.h"

namespace lpusim {
namespace {

namespace fs = std::filesystem;

class DataFiles : public testing::Test {
protected:
    void SetUp() override {
        folder_.write("configs/formats/int4-g64.yaml", "kind: format\ndescription: four\n");
        folder_.write("configs/formats/int4-g96.yaml", "kind: format\n");
        folder_.write("configs/formats/broken.yaml", "{");
        folder_.write("configs/formats/notes.txt", "no format");
        setenv("LPUSIM_DATA_DIR", folder_.path().c_str(), /*overwrite=*/1);
    }
    void TearDown() override { unsetenv("LPUSIM_DATA_DIR"); }

    fs::path formats() const { return folder_.path() / "configs/formats"; }

    TemporaryFolder folder_;
};

TEST_F(DataFiles, ABareNameIsAShippedFile) {
    EXPECT_EQ(find_file(FileKind::Format, "int4-g64"), formats() / "int4-g64.yaml");
}

TEST_F(DataFiles, APathIsAPath) {
    const fs::path own = folder_.write("own/mine.yaml", "kind: format\n");
    EXPECT_EQ(find_file(FileKind::Format, own), own);
    EXPECT_EQ(find_file(FileKind::Format, "no/such.yaml"), "no/such.yaml");
    EXPECT_EQ(find_file(FileKind::Model, "config.json"), "config.json");
    EXPECT_EQ(find_file(FileKind::Model, "some/folder"), "some/folder");
}

TEST_F(DataFiles, APathMayBeRelativeToTheDataDirectory) {
    EXPECT_EQ(find_file(FileKind::Format, "configs/formats/int4-g96.yaml"),
              formats() / "int4-g96.yaml");
}

TEST_F(DataFiles, AnUnknownNameIsAnErrorWithASuggestion) {
    const auto error_of = [](FileKind kind, const std::string& name) -> std::string {
        try {
            find_file(kind, name);
        } catch (const ConfigError& e) {
            return e.what();
        }
        return "found";
    };
    EXPECT_EQ(error_of(FileKind::Format, "int4g64"),
              "error: unknown format 'int4g64'; allowed: a path, or broken, int4-g64 or int4-g96; "
              "did you mean 'int4-g64'?");
    EXPECT_EQ(error_of(FileKind::Format, "bf16"),
              "error: unknown format 'bf16'; allowed: a path, or broken, int4-g64 or int4-g96");
    EXPECT_EQ(
        error_of(FileKind::Model, "llama"),
        "error: unknown model 'llama'; allowed: a path, or a shipped name, but there is none in " +
            (folder_.path() / "workloads/models").string());
    EXPECT_EQ(error_of(FileKind::Format, ""),
              "error: unknown format ''; allowed: a path, or broken, int4-g64 or int4-g96");
}

TEST_F(DataFiles, AreListedByName) {
    const auto files = shipped_files(FileKind::Format);
    ASSERT_EQ(files.size(), 3U);
    EXPECT_EQ(files[0].name, "broken");
    EXPECT_EQ(files[0].description, "");
    EXPECT_EQ(files[1].name, "int4-g64");
    EXPECT_EQ(files[1].description, "four");
    EXPECT_EQ(files[1].path, formats() / "int4-g64.yaml");
    EXPECT_EQ(files[2].name, "int4-g96");
    EXPECT_TRUE(shipped_files(FileKind::Model).empty());
}

TEST(DataDirectory, HoldsTheShippedFiles) {
    unsetenv("LPUSIM_DATA_DIR");
    EXPECT_TRUE(fs::exists(data_directory() / "configs/hardware/lpu-80gbs.yaml"));
}

}  // namespace
}  // namespace lpusim
