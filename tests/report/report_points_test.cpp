#include "sim/report/report_points.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report/report_tables.h"
#include "tests/report/report_sample.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(NumberIn, ReadsEveryUnit) {
    EXPECT_EQ(number_in("80 GB/s"), 80e9);
    EXPECT_EQ(number_in("915.5 MHz"), 915.5e6);
    EXPECT_EQ(number_in("4 cycles"), 4);
    EXPECT_EQ(number_in("220 MiB"), 220.0 * 1024 * 1024);
    EXPECT_EQ(number_in("20480 B/cycle"), 20480);
    EXPECT_EQ(number_in("50 %"), 0.5);
    EXPECT_EQ(number_in("88"), 88);
    EXPECT_EQ(number_in("none"), std::nullopt);
    EXPECT_EQ(number_in("fixed_priority"), std::nullopt);
}

TEST(ReportPoints, HeadlineIsWhatSharesTheFirstPointsInputs) {
    const ReportPoints points(
        {report_point("int4-g64", "80 GB/s", 1000), report_point("w3p5-g64", "80 GB/s", 940),
         report_point("int4-g64", "160 GB/s", 500), report_point("int4-g64", "80 GB/s", 1000)});
    EXPECT_EQ(points.all().size(), 3U) << "equal points are one";
    ASSERT_EQ(points.headline().size(), 2U);
    EXPECT_EQ(points.base().inputs.format_name, "int4-g64");
    ASSERT_NE(points.other(), nullptr);
    EXPECT_EQ(points.other()->inputs.format_name, "w3p5-g64");
    EXPECT_THAT(points.varying_keys(), ElementsAre("format", kBandwidthKey));
}

TEST(ReportPoints, ComparesWhatIsAskedFor) {
    ReportPoints points({report_point("a", "80 GB/s", 3), report_point("b", "80 GB/s", 2),
                         report_point("c", "80 GB/s", 1)});
    points.compare("c", "a");
    EXPECT_EQ(points.base().inputs.format_name, "c");
    EXPECT_EQ(points.other()->inputs.format_name, "a");
    EXPECT_THROW(points.compare("c", "d"), std::invalid_argument);
    EXPECT_THROW(ReportPoints({}), std::invalid_argument);
}

TEST(ReportPoints, ASeriesVariesOneKeyOnly) {
    const ReportPoints points(
        {report_point("a", "80 GB/s", 1000), report_point("a", "20 GB/s", 4000),
         report_point("a", "160 GB/s", 500), report_point("a", "40 GB/s", 2000, 512),
         report_point("a", "80 GB/s", 990, 512)});
    const auto series = points.series("a", kBandwidthKey);
    ASSERT_EQ(series.size(), 3U);
    EXPECT_EQ(series[0].value, 20e9);
    EXPECT_EQ(series[1].value, 80e9);
    EXPECT_EQ(series[2].value, 160e9);
    EXPECT_THAT(points.series("b", kBandwidthKey), IsEmpty());
    EXPECT_THAT(points.series_keys(3), ElementsAre(kBandwidthKey));
    EXPECT_THAT(points.series_keys(2), ElementsAre(kBandwidthKey, "unpack.lanes"));
}

TEST(ReportPoints, ChangesHaveTheirFactor) {
    const ReportPoints points({report_point("a", "80 GB/s", 1000),
                               report_point("a", "160 GB/s", 500),
                               report_point("a", "80 GB/s", 1001, 128)});
    const auto changes = points.changes("a");
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[0].key, kBandwidthKey);
    EXPECT_EQ(changes[0].factor, 2);
    EXPECT_EQ(changes[1].key, "unpack.lanes");
    EXPECT_EQ(changes[1].factor, 0.5);
}

TEST(Bandwidth, RegionsAreStretchesOfOneBottleneck) {
    const ReportPoints points(crossing_points());
    const auto regions = binding_regions(points.series("b", kBandwidthKey));
    ASSERT_EQ(regions.size(), 2U);
    EXPECT_EQ(regions[0].bottleneck, "WeightStream");
    EXPECT_EQ(regions[0].last, 160e9);
    EXPECT_EQ(regions[1].first, 320e9);
    EXPECT_EQ(regions[1].bottleneck, "MacArray (mac_array.load)");
}

TEST(Bandwidth, TheGainIsLostWhereItStaysLost) {
    const ReportPoints points(crossing_points());
    const auto lost = gain_lost(compared_along(points, kBandwidthKey));
    ASSERT_TRUE(lost.has_value());
    EXPECT_EQ(lost->still, 320e9);
    EXPECT_EQ(lost->gone, 640e9);
}

TEST(ReportFacts, SayWhichPointsNoTestCovers) {
    const Point inside = report_point("a", "80 GB/s", 1000);
    Point outside = report_point("b", "80 GB/s", 940);
    const auto warning = [](std::vector<Point> of) {
        const ReportPoints points(std::move(of));
        const Facts facts = report_facts({points, {}, {}, "", {}, ""});
        const auto found = facts.find("tested_ranges_warning");
        return found == facts.end() ? "" : found->second;
    };
    EXPECT_EQ(warning({inside, outside}), "");
    outside.untested = {{"array.rows", "1024", "1 to 512"}};
    EXPECT_EQ(warning({inside, outside}),
              "1 of 2 points lie outside the ranges that tests simulate (docs/validation.md): "
              "array.rows = 1024 (tested: 1 to 512).");
}

}  // namespace
}  // namespace lpusim
