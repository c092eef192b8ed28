#include <cstdlib>

#include <systemc>

#include "sim/app/verbs.h"

int sc_main(int argc, char* argv[]) {
    return lpusim::app::run_lpusim({argv + (argc > 0 ? 1 : 0), argv + argc});
}

// Replaces the main() of libsystemc, which would greet every user with SystemC's copyright notice.
int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", /*overwrite=*/1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
