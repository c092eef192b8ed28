// What a disk that fills up halfway leaves behind, whatever is written: what was there before, and
// one line that says why.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/result/scratch_folder.h"
#include "tests/support/subprocess.h"

namespace lpusim {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

namespace fs = std::filesystem;

const std::string kToy = "tests/app/data/toy.yaml";

/// Runs lpusim where no file can grow beyond so many KiB, which stands for a full disk.
Finished run_on_full_disk(int most, const std::vector<std::string>& arguments) {
    // The shell counts in blocks of 512 bytes.
    std::vector<std::string> command = {"/bin/sh", "-c", "ulimit -f $0; trap '' XFSZ; exec \"$@\"",
                                        std::to_string(2 * most)};
    for (const std::string& word : tool_command(arguments)) command.push_back(word);
    return run_program(command);
}

/// Files, however deep.
std::vector<std::string> files_in(const fs::path& folder) {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_directory()) files.push_back(fs::relative(entry.path(), folder).string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

class FullDisk : public testing::Test {
protected:
    std::vector<std::string> run_of(const std::vector<std::string>& more) const {
        std::vector<std::string> arguments = {"run",      "--hardware", "test-chip",
                                              "--model",  kToy,         "--format",
                                              "w3p5-g64", "--context",  "32"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    std::string put(const std::string& name) const {
        std::ofstream(folder_.file(name)) << "kept";
        return folder_.file(name);
    }
    static void expect_one_line(const Finished& finished, const std::string& what) {
        EXPECT_EQ(finished.exit_code, 1);
        EXPECT_THAT(finished.errors,
                    AllOf(StartsWith("lpusim: "), HasSubstr(what), HasSubstr("File too large")));
        EXPECT_EQ(std::count(finished.errors.begin(), finished.errors.end(), '\n'), 1)
            << finished.errors;
    }
    void expect_only(const std::string& name) const {
        EXPECT_THAT(files_in(folder_.path()), testing::ElementsAre(name));
        EXPECT_EQ(content_of(folder_.file(name)), "kept");
    }

    const ScratchFolder folder_;
};

TEST_F(FullDisk, LeavesTheTraceOfBefore) {
    // The first gathers in memory until the end, the second overflows while SystemC runs.
    for (const char* name : {"run.vcd", "run.json"}) {
        const std::string file = put(name);
        const Finished finished = run_on_full_disk(8, run_of({"--trace", file, "--every-cycle"}));
        expect_one_line(finished, file + ": cannot be written");
        EXPECT_EQ(finished.output, "");
        expect_only(name);
        fs::remove(file);
    }
}

TEST_F(FullDisk, LeavesTheResultOfBefore) {
    const std::string file = put("result.json");
    expect_one_line(run_on_full_disk(8, run_of({"--json", file})), "cannot write " + file);
    expect_only("result.json");
}

TEST_F(FullDisk, LeavesTheReportOfBefore) {
    const ScratchFolder inputs;
    ASSERT_EQ(run_tool(run_of({"--json", inputs.file("result.json")})).exit_code, 0);
    // Some figures fit, the page does not.
    put("index.html");
    expect_one_line(run_on_full_disk(600, {"report", inputs.file("result.json"), "--out",
                                           folder_.path().string()}),
                    "cannot write " + folder_.file("index.html"));
    expect_only("index.html");
}

TEST_F(FullDisk, LeavesTheAuditOfBefore) {
    const ScratchFolder inputs;
    std::ofstream(inputs.file("claims.yaml"))
        << "kind: claims\nname: toy\nclaims:\n"
           "  - {id: one, topic: Toy, quote: one, value: 1, unit: x,\n"
           "     hypotheses: [{role: stated, means: so, formula: 1}]}\n";
    put("data.csv");
    expect_one_line(run_on_full_disk(
                        8, {"audit", inputs.file("claims.yaml"), "--out", folder_.path().string()}),
                    "cannot write " + folder_.file("index.html"));
    expect_only("data.csv");
}

TEST_F(FullDisk, LeavesTheExportOfBefore) {
    const ScratchFolder inputs;
    std::ofstream(inputs.file("s.yaml"))
        << "kind: sweep\nname: s\nhardware: test-chip\nmodel: tests/app/data/toy.yaml\n"
           "axes: {format: [int4-g64, w3p5-g64], batch: [1, 2, 3], context: [32]}\n";
    const Finished sweep =
        run_tool({"sweep", inputs.file("s.yaml"), "--out", inputs.file("s.sqlite")});
    ASSERT_EQ(sweep.exit_code, 0) << sweep.errors;
    for (const char* as : {"--csv", "--json"}) {
        const std::string file = put("rows");
        expect_one_line(
            run_on_full_disk(1, {"results", "export", inputs.file("s.sqlite"), as, "--out", file}),
            "cannot write " + file);
        expect_only("rows");
    }
}

TEST_F(FullDisk, LeavesTheWeightsOfBefore) {
    const std::string file = put("w.lpupack");
    expect_one_line(run_on_full_disk(8, {"pack", "--format", "w3p5-g64", "--synthetic", "gaussian",
                                         "--shape", "320x320", "--out", file}),
                    file + ": cannot be written");
    expect_only("w.lpupack");
}

TEST_F(FullDisk, IsNotAPlaceThatCannotBe) {
    // Known before anything is computed: bad input.
    const std::string file = put("file");
    const auto expect_bad = [&](const std::vector<std::string>& arguments,
                                const std::string& error) {
        const Finished finished = run_tool(arguments);
        EXPECT_EQ(finished.exit_code, 2) << error;
        EXPECT_THAT(finished.errors, AllOf(StartsWith("error: "), HasSubstr(error)));
        expect_only("file");
    };
    expect_bad(run_of({"--trace", file + "/run.json"}), "cannot be written: Not a directory");
    expect_bad(run_of({"--json", file + "/run.json"}), "--json: cannot write");
    for (const char* inside : {"", "/inside"}) {
        expect_bad({"audit", "configs/claims/w3p5.yaml", "--out", file + inside},
                   "--out: cannot make " + file);
    }
    expect_bad({"results", "export", "none.sqlite", "--out", file + "/rows.csv"},
               "--out: cannot write");
    expect_bad({"results", "export", "none.sqlite", "--out", folder_.file("none/rows.csv")},
               "--out: cannot write");
}

}  // namespace
}  // namespace lpusim
