// `lpusim audit` of the shipped claims: verdicts, and numbers against hand calculation and against
// what other verbs say.

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/result/result_json.h"
#include "tests/result/scratch_folder.h"
#include "tests/support/subprocess.h"

namespace lpusim {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kClaims = "configs/claims/w3p5.yaml";

/// One run of the shipped file, which is what takes time.
class ShippedAudit : public testing::Test {
protected:
    void SetUp() override {
        finished_ = run_tool({"audit", kClaims, "--out", folder_.file("audit")});
        ASSERT_EQ(finished_.exit_code, 0) << finished_.errors;
        report_ = Json::parse(content_of(folder_.path() / "audit/report.json"));
        for (const Json& row : report_.at("tables").at("hypotheses").at("rows")) {
            rows_[row.at("claim").get<std::string>()].push_back(row);
        }
    }

    std::string verdict(const std::string& claim) const {
        return rows_.at(claim).front().at("verdict").get<std::string>();
    }
    /// The result of a claim's hypothesis, by its place in the file.
    double result(const std::string& claim, std::size_t hypothesis) const {
        return rows_.at(claim).at(hypothesis).at("result").get<double>();
    }

    const ScratchFolder folder_;
    Finished finished_;
    Json report_;
    std::map<std::string, std::vector<Json>> rows_;
};

TEST_F(ShippedAudit, GivesItsVerdictsAndTheNumbersBehindThem) {
    const std::string holds = "holds";
    const std::string only_if = "holds only if";
    const std::string fails = "does not hold";
    const std::string unknown = "cannot be checked";
    const std::map<std::string, std::string> expected = {{"size-fp16", only_if},
                                                         {"size-int8", only_if},
                                                         {"size-int4", only_if},
                                                         {"size-w3p5", only_if},
                                                         {"size-int3", fails},
                                                         {"reduction-46", fails},
                                                         {"better-12p5", only_if},
                                                         {"compression-797", only_if},
                                                         {"packed-3944", only_if},
                                                         {"compression-small", only_if},
                                                         {"time-int4", fails},
                                                         {"time-w3p5", fails},
                                                         {"rate-int4", fails},
                                                         {"rate-w3p5", fails},
                                                         {"rate-int3", fails},
                                                         {"rtx-2080-ti", unknown},
                                                         {"gain-lpu", holds},
                                                         {"gain-lpu-289", fails},
                                                         {"gain-cpu", fails},
                                                         {"gain-a100", holds},
                                                         {"gain-h100", fails},
                                                         {"rmse-int4", only_if},
                                                         {"rmse-w3p5", only_if},
                                                         {"rmse-ratio", only_if},
                                                         {"rmse-int3", only_if},
                                                         {"mse-small", unknown},
                                                         {"mae-product", unknown},
                                                         {"allocation-random", fails},
                                                         {"allocation-magnitude", only_if},
                                                         {"allocation-alternating", only_if},
                                                         {"allocation-four", only_if},
                                                         {"lpu-tops", holds},
                                                         {"lpu-stream", unknown},
                                                         {"bert-width", holds},
                                                         {"gpt2-width", only_if},
                                                         {"llama7b-width", holds},
                                                         {"llama70b-width", holds},
                                                         {"bits-3p25", holds},
                                                         {"bits-3p5", holds},
                                                         {"bits-3p75", holds},
                                                         {"pair-bits", holds},
                                                         {"pair-error", holds},
                                                         {"pair-speed", holds},
                                                         {"eleven-levels", holds}};
    EXPECT_EQ(rows_.size(), expected.size());
    for (const auto& [claim, wanted] : expected) EXPECT_EQ(verdict(claim), wanted) << claim;

    // Sizes: bits of 70·10⁹ weights over 8 · 2³⁰.
    constexpr double kGib = 1073741824;
    EXPECT_NEAR(result("size-fp16", 1), 70e9 * 16 / 8 / kGib, 1e-9);
    EXPECT_NEAR(result("size-int4", 1), 70e9 * 4.25 / 8 / kGib, 1e-9);
    EXPECT_NEAR(result("size-w3p5", 1), 70e9 * 4.0 / 8 / kGib, 1e-9);
    // The public model: 68,713,185,280 weights of 4.0 bits; embedding (32000 x 8192) and 161 norms
    // of 8192 in FP16. Packed tiles end on whole bytes, which costs nothing here.
    EXPECT_NEAR(result("size-w3p5", 0),
                (68'713'185'280.0 * 4 / 8 + (32000.0 * 8192 + 161.0 * 8192) * 2) / 1e9, 1e-9);
    EXPECT_NEAR(result("time-int4", 1), 34.63 / 80 * 1000, 1e-9);
    EXPECT_NEAR(result("rate-w3p5", 2), 80e12 / 32.60e9, 1e-9);
    EXPECT_NEAR(result("gain-cpu", 3), (4.5 / 3.5 - 1) * 100, 1e-9);
    EXPECT_NEAR(result("gain-lpu-289", 1), (90.08 / 69.90 - 1) * 100, 1e-9);
    EXPECT_NEAR(result("lpu-tops", 0), 2.0 * 4 * 320 * 320 * 915.5e6 / 1e12, 1e-9);
    EXPECT_NEAR(result("lpu-stream", 1), 20480.0 * 900e6 / 1e9, 1e-6);
    // 78,643,200 weights: half a byte each, and 8 B per column of 15360.
    EXPECT_NEAR(result("packed-3944", 1), (78'643'200 / 2.0 + 15360 * 8) / 1e6, 1e-9);
    // Dense: 5120 weights are 2560 symbols of 7 bits; in tiles of 320 rows 160 symbols are 140 B,
    // so nothing is padded; 4 B of scale and zero point per column.
    EXPECT_NEAR(result("packed-3944", 0), 15360 * (5120 / 320 * 140 + 4) / 1e6, 1e-9);
    EXPECT_NEAR(result("pair-bits", 0), 4 + 32.0 / 8192, 1e-9);

    // Simulated ones: as lpusim run has them.
    const Finished run = run_tool({"run", "--hardware", "lpu-80gbs", "--model", "llama2-70b",
                                   "--format", "int4-g64,w3p5-g64", "--json", "-"});
    const Json points = Json::parse(run.output).at("points");
    const double int4 = points.at(0).at("seconds_per_token").get<double>();
    const double w3p5 = points.at(1).at("seconds_per_token").get<double>();
    EXPECT_DOUBLE_EQ(result("time-int4", 0), int4 * 1000);
    EXPECT_DOUBLE_EQ(result("rate-w3p5", 0), points.at(1).at("tokens_per_second").get<double>());
    EXPECT_NEAR(result("gain-lpu", 0), (int4 / w3p5 - 1) * 100, 1e-9);

    // Measured ones: symmetric INT4 of Gaussian columns, from E[max] of 8192 normal numbers and a
    // uniform error of a step of max/7: 16.4 % within the sample's spread.
    EXPECT_NEAR(result("rmse-int4", 0), 16.4, 0.2);
    EXPECT_NEAR(result("rmse-w3p5", 0), 24.5, 0.2);
    EXPECT_NEAR(result("rmse-w3p5", 2), 15.0, 0.2);
    // 180 million weights in columns of 11008: 16.706 % and 14.936 %, published 16.72 % and 14.94
    // %.
    EXPECT_NEAR(result("rmse-int4", 1), 16.706, 0.08);
    EXPECT_NEAR(result("rmse-w3p5", 1), 14.936, 0.05);
    EXPECT_NEAR(result("rmse-ratio", 4), 100 * (14.936 / 16.706 - 1), 0.2);

    // On the terminal and in each file the same answer.
    const std::string answer = report_.at("facts").at("answer");
    EXPECT_EQ(answer,
              "Of 44 claims 13 hold as stated, 16 hold only under a condition, 11 do not "
              "hold, and 4 cannot be checked.");
    EXPECT_THAT(content_of(folder_.path() / "audit/report.md"), HasSubstr("Of 44 claims"));
    const std::string html = content_of(folder_.path() / "audit/index.html");
    EXPECT_THAT(html, AllOf(HasSubstr(answer), Not(HasSubstr("http://")), Not(HasSubstr("src="))));
    EXPECT_LT(html.size(), 500'000U);
    EXPECT_THAT(finished_.output,
                AllOf(HasSubstr("Of 44 claims"), HasSubstr("holds only if the unit is GiB")));
}

TEST(AuditCli, GivesTheSameBytesWhateverRunsSideBySide) {
    const ScratchFolder folder;
    const std::string claims = folder.file("toy.yaml");
    std::ofstream(claims) << "kind: claims\n"
                             "name: toy\n"
                             "points:\n"
                             "  - {name: a, hardware: test-chip, model: tests/app/data/toy.yaml, "
                             "format: int4-g64, context: 32}\n"
                             "  - {name: b, hardware: test-chip, model: tests/app/data/toy.yaml, "
                             "format: w3p5-g64, context: 32, batch: 2}\n"
                             "measurements:\n"
                             "  - {name: m, allocation: random-pairs, group: 64, shape: 256x8, "
                             "weights: laplace, seed: 7}\n"
                             "claims:\n"
                             "  - id: one\n"
                             "    topic: Toy\n"
                             "    quote: \"both users get as much\"\n"
                             "    value: 1\n"
                             "    unit: x\n"
                             "    hypotheses:\n"
                             "      - {role: stated, means: so, formula: "
                             "b.tokens_per_second_total / b.tokens_per_second / 2}\n"
                             "      - {means: it is small, formula: m.relative_rmse + a.cycles}\n";
    const std::string out = folder.file("out");
    const auto files_of = [&](const std::string& jobs) {
        const Finished finished =
            run_tool({"audit", claims, "--out", out, "--omit-revision", "--jobs", jobs});
        EXPECT_EQ(finished.exit_code, 0) << finished.errors;
        EXPECT_THAT(finished.output, HasSubstr("published 1×, simulated 1.0000× (0.00 %)"));
        std::map<std::string, std::string> files;
        for (const char* name : {"index.html", "report.md", "data.csv", "report.json"}) {
            files[name] = content_of(folder.path() / "out" / name);
            EXPECT_FALSE(files[name].empty()) << name;
        }
        return files;
    };
    const auto first = files_of("2");
    EXPECT_EQ(files_of("2"), first);
    // The others name the command.
    EXPECT_EQ(files_of("1").at("data.csv"), first.at("data.csv"));
}

TEST(AuditCli, SaysWhatIsWrong) {
    const ScratchFolder folder;
    const Finished none = run_tool({"audit"});
    EXPECT_EQ(none.exit_code, 2);
    EXPECT_THAT(none.errors, HasSubstr("got 0 claims files; allowed: one"));
    const Finished missing = run_tool({"audit", folder.file("none.yaml")});
    EXPECT_EQ(missing.exit_code, 2);
    const Finished wrong = run_tool({"audit", "configs/formats/int8.yaml"});
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_THAT(wrong.errors, HasSubstr("configs/formats/int8.yaml:1:7: error: key 'kind': got "
                                        "'format', but a claims file is wanted here"));
    const Finished blocked = run_tool({"audit", kClaims, "--out", "README.md"});
    EXPECT_EQ(blocked.exit_code, 2);
    EXPECT_THAT(blocked.errors, HasSubstr("error: --out: cannot make README.md"));
    EXPECT_EQ(run_tool({"check", kClaims}).output, kClaims + ": ok (claims \"w3p5\")\n");
    EXPECT_THAT(run_tool({"describe", "claims"}).output,
                HasSubstr("claims[].hypotheses[].formula"));
}

}  // namespace
}  // namespace lpusim
