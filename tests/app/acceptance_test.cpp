// The relative RMSE of Gaussian weights, 8192 x 8192, seed 1, as `lpusim quantize` reports it,
// within 0.2 points of the published table (docs/formats.md).

#include <string>

#include <gtest/gtest.h>

#include "sim/config/data_files.h"
#include "sim/config/load.h"
#include "sim/quantize/format_quality.h"
#include "sim/result/result_json.h"
#include "tests/support/subprocess.h"

namespace lpusim {
namespace {

struct Published {
    const char* format;
    double percent;

    friend std::ostream& operator<<(std::ostream& out, const Published& p) {
        return out << p.format;
    }
};

class GaussianRmse : public testing::TestWithParam<Published> {};

TEST_P(GaussianRmse, IsThePublishedOne) {
    const Finished finished =
        run_tool({"quantize", "--format", GetParam().format, "--synthetic", "gaussian", "--shape",
                  "8192x8192", "--seed", "1", "--json", "-"});
    ASSERT_EQ(finished.exit_code, 0) << finished.errors;
    const Json tensor = Json::parse(finished.output).at("tensors").at(0);
    EXPECT_EQ(tensor.at("weights"), 8192 * 8192);
    const double percent = 100 * tensor.at("relative_rmse").get<double>();
    EXPECT_NEAR(percent, GetParam().percent, 0.2);

    // The sample by which `lpusim run` judges formats stands for this matrix.
    const NumberFormat format = load_format(find_file(FileKind::Format, GetParam().format));
    EXPECT_NEAR(100 * format_quality(format).relative_rmse, percent, 0.2);
}

INSTANTIATE_TEST_SUITE_P(
    Table, GaussianRmse,
    testing::Values(Published{"int4-col", 16.4}, Published{"int4-col-asym", 14.6},
                    Published{"w3p5-col", 24.5}, Published{"w11x11-col", 22.0},
                    Published{"int4-g64", 10.8}, Published{"int4-g64-asym", 9.0},
                    Published{"w3p5-g64", 15.0}, Published{"w11x11-g64", 13.5}),
    [](const auto& instance) {
        std::string name = instance.param.format;
        for (char& c : name) c = c == '-' ? '_' : c;
        return name;
    });

}  // namespace
}  // namespace lpusim
