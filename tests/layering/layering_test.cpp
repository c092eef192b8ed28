#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/layering/include_rules.h"

namespace lpusim::layering {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Layer& layer_named(std::string_view name) {
    for (const Layer& layer : architecture()) {
        if (layer.name == name) return layer;
    }
    throw std::invalid_argument("no layer is named " + std::string(name));
}

TEST(Architecture, EveryLayerKnowsOnlyThoseThatStandBeforeIt) {
    std::set<std::string_view> before;
    for (const Layer& layer : architecture()) {
        for (const std::string_view name : layer.may_include) {
            EXPECT_TRUE(before.count(name)) << layer.name << " includes " << name;
        }
        EXPECT_TRUE(before.insert(layer.name).second) << layer.name << " stands there twice";
    }
}

TEST(Architecture, LayersWithoutSystemCReachNoneWithIt) {
    for (const Layer& layer : architecture()) {
        if (layer.systemc == SystemC::Yes) continue;
        for (const std::string_view name : layer.may_include) {
            EXPECT_EQ(layer_named(name).systemc, SystemC::No) << layer.name << " includes " << name;
        }
    }
}

TEST(SourceTree, FollowsTheArchitecture) {
    const fs::path root = LPUSIM_SOURCE_DIR;
    int files = 0;
    for (const char* folder : {"hw_models", "sim"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const fs::path extension = entry.path().extension();
            if (extension != ".h" && extension != ".cpp") continue;
            std::ifstream file(entry.path());
            const std::string text{std::istreambuf_iterator<char>(file), {}};
            const std::string path = entry.path().lexically_relative(root).generic_string();
            for (const std::string& violation : violations(path, text)) ADD_FAILURE() << violation;
            ++files;
        }
    }
    EXPECT_GT(files, 0);
}

TEST(Violations, ReportEveryForbiddenDirection) {
    struct Case {
        std::string path;
        std::string include;
        std::string complaint;
    };
    const std::vector<Case> cases = {
        {"hw_models/core/probe.h", "\"hw_models/units/mac_array.h\"", "must not include units"},
        {"hw_models/isa/program.h", "\"hw_models/core/channel.h\"", "must not include core"},
        {"hw_models/isa/program.h", "<systemc>", "must not depend on SystemC"},
        {"hw_models/numerics/packing.h", "<systemc.h>", "must not depend on SystemC"},
        {"hw_models/core/quantities.h", "<systemc>", "must not depend on SystemC"},
        {"hw_models/units/mac_array_params.h", "<systemc>", "must not depend on SystemC"},
        {"hw_models/units/mac_array_params.h", "\"hw_models/units/mac_array.h\"",
         "must not include units"},
        {"hw_models/units/mac_array.cpp", "\"hw_models/units/sram_banks.h\"",
         "do not know each other"},
        {"hw_models/units/mac_array.cpp", "\"hw_models/units/sram_banks_params.h\"",
         "do not know each other"},
        {"hw_models/units/mac_array.cpp", "\"hw_models/chip/lpu_chip.h\"", "must not include chip"},
        {"hw_models/units/mac_array.cpp", "<iostream>", "know nothing of it"},
        {"hw_models/chip/lpu_chip.cpp", "<yaml-cpp/yaml.h>", "know nothing of it"},
        {"hw_models/chip/lpu_chip.cpp", "\"sim/config/hardware_config.h\"",
         "must not include config"},
        {"sim/workload/model.cpp", "\"sim/config/load.h\"", "must not include config"},
        {"sim/compiler/tiling.cpp", "<systemc>", "must not depend on SystemC"},
        {"sim/compiler/tiling.cpp", "\"hw_models/units/mac_array.h\"", "must not include units"},
        {"sim/compiler/tiling.cpp", "\"sim/platform/simulate.h\"", "must not include platform"},
        {"sim/platform/simulate.cpp", "\"hw_models/units/mac_array.h\"", "must not include units"},
        {"sim/report/metrics.cpp", "\"sim/sweep/point.h\"", "must not include sweep"},
        {"sim/result/result.h", "\"sim/report/metrics.h\"", "must not include report"},
        {"sim/result/result.h", "\"result_json.h\"", "not spelled from the repository's root"},
    };
    for (const Case& c : cases) {
        const std::string location = c.path + ":3: " + c.include;
        EXPECT_THAT(violations(c.path, "#pragma once\n#include <vector>\n#include " + c.include),
                    ElementsAre(AllOf(HasSubstr(location), HasSubstr(c.complaint))));
    }
}

TEST(Violations, SpareWhatIsAllowed) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"hw_models/units/mac_array.cpp", "\"hw_models/units/mac_array.h\""},
        {"hw_models/units/mac_array.h", "\"hw_models/units/mac_array_params.h\""},
        {"hw_models/units/mac_array.h", "<systemc>"},
        {"hw_models/chip/lpu_chip.h", "\"hw_models/units/mac_array.h\""},
        {"sim/compiler/tiling.cpp", "\"hw_models/units/mac_array_params.h\""},
        {"sim/config/hardware_config.h", "\"hw_models/chip/chip_params.h\""},
        {"sim/app/run.cpp", "\"lpusim/version.h\""},
        {"sim/app/main.cpp", "<systemc>"},
    };
    for (const auto& [path, include] : cases) {
        EXPECT_THAT(violations(path, "#include " + include + "  // why"), IsEmpty());
    }
}

TEST(Violations, NameAFileThatBelongsNowhere) {
    EXPECT_THAT(violations("sim/misc/helpers.h", ""), ElementsAre(HasSubstr("part of no layer")));
}

}  // namespace
}  // namespace lpusim::layering
