#pragma once

namespace lpusim {

/// The life of a process that simulates point after point (point_protocol.h). It reads and checks
/// configurations and never touches SystemC; for each point it forks a child, which inherits all
/// that is already there, elaborates one chip, answers, and is gone: a simulation in a process of
/// its own at the price of a fork. Returns the exit code.
int run_point_server();

}  // namespace lpusim
