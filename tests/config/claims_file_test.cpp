#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/claims.h"
#include "tests/config/temporary_file.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kHead =
    "kind: claims\n"
    "name: test\n"
    "source: a paper\n"
    "points:\n"
    "  - name: fast\n"
    "    hardware: lpu-80gbs\n"
    "    with:\n"
    "      - stream.weight.bandwidth: 40 GB/s\n"
    "    model: llama2-7b\n"
    "    format: w3p5-g64\n"
    "measurements:\n"
    "  - {name: m, format: int4-col, shape: 64x8}\n"
    "models:\n"
    "  - {name: bert, model: bert-base}\n"
    "claims:\n";
const std::string kClaim =
    "  - id: a\n"
    "    topic: t\n"
    "    quote: \"12 tokens/s\"\n"
    "    value: 12\n"
    "    unit: tokens/s\n";

/// All errors of a file with this content, a line each.
std::string problems(const std::string& text) {
    std::string lines;
    for (const std::string& error : errors_of(text, "c.yaml")) lines += error + "\n";
    return lines;
}

TEST(ClaimsFile, IsRead) {
    const TemporaryFolder folder;
    const Claims claims = load_claims(folder.write(
        "c.yaml", kHead + kClaim +
                      "    to: 15\n"
                      "    tolerance: 2.5 %\n"
                      "    hypotheses:\n"
                      "      - {role: stated, means: so, formula: fast.tokens_per_second}\n"
                      "      - {means: m, why: w, unit: \"%\", formula: 1 - m.rmse}\n"));
    ASSERT_EQ(claims.points.size(), 1U);
    EXPECT_EQ(claims.points[0].hardware.filename(), "lpu-80gbs.yaml");
    ASSERT_EQ(claims.points[0].hardware_overrides.size(), 1U);
    EXPECT_EQ(claims.points[0].hardware_overrides[0].key, "stream.weight.bandwidth");
    EXPECT_EQ(claims.points[0].hardware_overrides[0].value, "40 GB/s");
    EXPECT_EQ(claims.points[0].scenario.context, 2048U);
    EXPECT_EQ(claims.measurements.at(0).k, 64U);
    EXPECT_EQ(claims.measurements.at(0).n, 8U);
    ASSERT_EQ(claims.claims.size(), 1U);
    const Claim& claim = claims.claims[0];
    EXPECT_EQ(claim.source, "a paper");
    EXPECT_EQ(claim.value, 12);
    EXPECT_EQ(claim.value_to, 15);
    EXPECT_DOUBLE_EQ(claim.tolerance, 0.025);
    ASSERT_EQ(claim.hypotheses.size(), 2U);
    EXPECT_EQ(claim.hypotheses[0].role, HypothesisRole::Stated);
    EXPECT_EQ(claim.hypotheses[0].unit, "tokens/s");
    EXPECT_EQ(claim.hypotheses[1].role, HypothesisRole::Condition);
    EXPECT_EQ(claim.hypotheses[1].unit, "%");
}

TEST(ClaimsFile, NamesWhatIsWrongAndWhere) {
    const auto with = [](const std::string& hypothesis) {
        return problems(kHead + kClaim + "    hypotheses:\n      - " + hypothesis + "\n");
    };
    EXPECT_THAT(with("{means: so, formula: fats.cycles}"),
                HasSubstr(":22:30: error: key 'formula': names 'fats.cycles', but no point, "
                          "measurement or model is called 'fats'; did you mean 'fast'?"));
    EXPECT_THAT(with("{means: so, formula: fast.cycle}"), HasSubstr("did you mean 'cycles'?"));
    EXPECT_THAT(with("{means: so, formula: bert.cycles}"),
                HasSubstr("allowed behind 'bert': hidden, intermediate, layers"));
    EXPECT_THAT(with("{means: so, formula: 1 +}"),
                HasSubstr(":22:30: error: key 'formula': got '1 +', which ends where a value is "
                          "wanted; allowed: numbers"));
    EXPECT_THAT(with("{means: so, formule: 1}"),
                HasSubstr("unknown key 'formule'; did you mean 'formula'?"));
    EXPECT_THAT(with("{means: so, formula: 1, role: sliip}"), HasSubstr("did you mean 'slip'?"));
    EXPECT_THAT(with("{means: so, formula: 1, unit: GIB}"), HasSubstr("did you mean 'GiB'?"));
    EXPECT_THAT(with("5"), HasSubstr(":22:9: error: got '5'; allowed: a map"));
    EXPECT_THAT(problems(kHead + kClaim),
                HasSubstr("a claim has hypotheses, or says what is missing"));
    EXPECT_THAT(problems(kHead + kClaim + "    missing: all\n" + kClaim + "    missing: all\n"),
                HasSubstr(":22:9: error: key 'id': 'a' is taken"));
    EXPECT_THAT(problems(kHead + kClaim + "    missing: all\n    to: 11\n"),
                HasSubstr("a range ends above its beginning"));
    EXPECT_THAT(problems("kind: claims\nname: x\nclaims: []\n"),
                HasSubstr("key 'claims': got a list; allowed: a list of 1 to 1000 maps"));
}

TEST(ClaimsFile, KnowsTheFilesThatItNames) {
    const auto point = [](const std::string& line) {
        return problems("kind: claims\nname: x\npoints:\n  - {" + line + "}\nclaims:\n" + kClaim +
                        "    missing: all\n");
    };
    EXPECT_THAT(point("name: a, hardware: lpu-80gb, model: llama2-7b, format: int8"),
                HasSubstr(":4:25: error: key 'hardware': unknown hardware 'lpu-80gb'; allowed: a "
                          "path, or"));
    EXPECT_THAT(point("name: a, hardware: lpu-80gbs, model: llama2-7b, format: int9"),
                HasSubstr("did you mean 'int8'?"));
    EXPECT_THAT(point("name: A b, hardware: lpu-80gbs, model: llama2-7b, format: int8"),
                HasSubstr("small letters"));
    EXPECT_THAT(point("name: a, hardware: lpu-80gbs, with: [5], model: llama2-7b, format: int8"),
                HasSubstr("key 'with[0]': got '5'"));
    const auto measurement = [](const std::string& line) {
        return problems("kind: claims\nname: x\nmeasurements:\n  - {name: m, " + line +
                        "}\nclaims:\n" + kClaim + "    missing: all\n");
    };
    EXPECT_THAT(measurement("shape: 8x8"), HasSubstr("has a format or an allocation"));
    EXPECT_THAT(measurement("format: int8, allocation: alternating, shape: 8x8"),
                HasSubstr("has a format or an allocation, and not both"));
    EXPECT_THAT(measurement("format: int8, group: 64, shape: 8x8"), HasSubstr("of an allocation"));
    EXPECT_THAT(measurement("format: int8, shape: 8"), HasSubstr("key 'shape': got '8'"));
    EXPECT_THAT(measurement("format: int8, shape: 0x8"), HasSubstr("holds no weight"));
    EXPECT_THAT(measurement("format: int8, shape: 9999999999x9999999999"), HasSubstr("too large"));
}

TEST(ClaimsFile, TheShippedOneHoldsEveryTopic) {
    const Claims claims = load_claims(LPUSIM_SOURCE_DIR "/configs/claims/w3p5.yaml");
    std::vector<std::string> topics;
    for (const Claim& claim : claims.claims) {
        if (topics.empty() || topics.back() != claim.topic) topics.push_back(claim.topic);
        EXPECT_FALSE(claim.source.empty()) << claim.id;
    }
    EXPECT_THAT(topics, ElementsAre("Model size", "Time per token", "Speed-up against INT4",
                                    "Error of the weights", "Which weights get 4 bits",
                                    "Machine and models", "The comparison that decides"));
}

}  // namespace
}  // namespace lpusim
