#pragma once

namespace lpusim {

/// The life of a worker process: reads one WorkerJob from standard input, simulates it, and writes
/// the messages of worker_protocol.h to what was standard output. Everything else that would be
/// printed there goes to standard error instead. The process is killed when its parent dies.
/// Returns the exit code.
int run_worker();

}  // namespace lpusim
