#include "sim/result/run_packing.h"

#include <gtest/gtest.h>

#include "sim/result/result_json.h"
#include "tests/result/sample_point.h"

namespace lpusim {
namespace {

TEST(RunPacking, GivesBackWhatWentIn) {
    for (PointRun run : {PointRun{sample_point(), {}}, PointRun{smaller_sample_point(), {}}}) {
        run.simulator.wall_seconds = 0.1;
        run.simulator.evaluations = 77;
        run.point.untested = {{"sram.banks", "512", "1 to 88"}};
        EXPECT_EQ(to_json(unpack_run(pack_run(run))), to_json(run));
        run.point.quality.reset();
        run.point.data = DataCheck{1, 2, 3, 4, 0.5, 0.25};
        run.point.notes = {"a note\nof two lines"};
        EXPECT_EQ(to_json(unpack_run(pack_run(run))), to_json(run));
    }
}

TEST(RunPacking, EveryCutIsNoticed) {
    const std::string whole = pack_run({sample_point(), {}});
    EXPECT_EQ(whole.find('\n'), std::string::npos);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_THROW(unpack_run(whole.substr(0, size)), ResultFormatError) << size;
    }
    EXPECT_THROW(unpack_run(whole + "00"), ResultFormatError);
    EXPECT_THROW(unpack_run("xy"), ResultFormatError);
}

}  // namespace
}  // namespace lpusim
