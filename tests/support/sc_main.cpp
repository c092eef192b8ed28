// Entry point of every test program. SystemC reports count as part of a test's result.

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemc>

namespace {

void fail_on_warning(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
    if (report.get_severity() == sc_core::SC_WARNING) {
        ADD_FAILURE() << "SystemC warning: " << report.what();
    }
    sc_core::sc_report_handler::default_handler(report, actions);
}

// Properties run with a fixed seed, so that a run can be repeated; RC_PARAMS overrules all of this.
// LPUSIM_PROPERTY_CASES is the number of cases per property.
void configure_rapidcheck() {
    std::string params = "seed=20240229";
    if (const char* cases = std::getenv("LPUSIM_PROPERTY_CASES")) {
        params += std::string(" max_success=") + cases;
    }
    setenv("RC_PARAMS", params.c_str(), /*overwrite=*/0);
}

}  // namespace

int sc_main(int argc, char* argv[]) {
    testing::InitGoogleMock(&argc, argv);
    configure_rapidcheck();
    sc_core::sc_report_handler::set_handler(fail_on_warning);
    return RUN_ALL_TESTS();
}

// Replaces the main() of libsystemc: its copyright banner would end up in every test's output, and
// in the list of tests that ctest reads.
int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", /*overwrite=*/1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
