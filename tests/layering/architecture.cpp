#include "tests/layering/include_rules.h"

namespace lpusim::layering {
namespace {

using Names = std::vector<std::string_view>;

Names with(Names names, const Names& more) {
    names.insert(names.end(), more.begin(), more.end());
    return names;
}

}  // namespace

// The architecture. Read from the bottom up: a layer knows only layers that stand above it here.
//
//     app ──► sweep ──► report ──► result
//      └────► platform ──► trace, chip ──► units ──► core ──► data ──► isa, numerics, quantities
//                 └──────► compiler ──► workload, config ──► parameters of chip and units
//
// The hardware knows nothing of what is simulated on it, and what is not hardware does not know
// that SystemC exists. Both sides share values only: quantities, programs, formats and parameters.
const std::vector<Layer>& architecture() {
    const auto yes = SystemC::Yes;
    const auto no = SystemC::No;
    const Names values = {"quantities", "isa", "numerics"};
    const Names params = with(values, {"unit params", "chip params"});

    // clang-format off
    static const std::vector<Layer> kLayers = {
        // layer        files                             SystemC  may include
        {"quantities",  "hw_models/core/quantities*",     no,      {}},
        {"isa",         "hw_models/isa/*",                no,      {"quantities"}},
        {"numerics",    "hw_models/numerics/*",           no,      {"quantities", "isa"}},
        {"unit params", "hw_models/units/*_params.h",     no,      values},
        {"chip params", "hw_models/chip/*_params.h",      no,      with(values, {"unit params"})},

        {"data",        "hw_models/data/*",               no,      values},
        {"core",        "hw_models/core/*",               yes,     with(values, {"data"})},
        {"units",       "hw_models/units/*",              yes,     with(values, {"unit params", "core", "data"})},
        {"chip",        "hw_models/chip/*",               yes,     with(params, {"core", "units", "data"})},

        {"version",     "lpusim/version.h",               no,      {}},
        {"workload",    "sim/workload/*",                 no,      {"quantities"}},
        {"config",      "sim/config/*",                   no,      with(params, {"workload"})},
        {"compiler",    "sim/compiler/*",                 no,      with(params, {"config", "workload"})},
        {"result",      "sim/result/*",                   no,      {"quantities", "version"}},
        {"quantize",    "sim/quantize/*",                 no,      {"quantities", "numerics", "result"}},
        {"data run",    "sim/data/*",                     no,      with(params, {"data", "config", "workload", "quantize",
                                                                                 "compiler", "result"})},
        {"report",      "sim/report/*",                   no,      with(values, {"config", "workload", "result"})},
        {"trace",       "sim/trace/*",                    yes,     {"quantities", "isa", "core"}},
        {"scenarios",   "sim/platform/scenario_json*",    no,      {"workload"}},
        {"processes",   "sim/platform/child_process*",    no,      {}},
        {"point pool",  "sim/platform/point_p*",          no,      {"config", "workload", "result", "scenarios", "processes"}},
        {"platform",    "sim/platform/*",                 yes,     with(params, {"core", "chip", "config", "workload",
                                                                                 "compiler", "result", "data run", "trace", "scenarios",
                                                                                 "processes", "point pool"})},
        {"sweep",       "sim/sweep/*",                    no,      with(values, {"config", "workload", "quantize", "result",
                                                                                 "report", "point pool", "processes"})},
        {"app",         "sim/app/*",                      yes,     with(params, {"version", "config", "workload",
                                                                                 "quantize", "compiler", "result", "data run",
                                                                                 "sweep", "report", "trace", "platform", "processes"})},
    };
    // clang-format on
    return kLayers;
}

}  // namespace lpusim::layering
