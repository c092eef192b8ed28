#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sim/app/sweep_options.h"
#include "sim/app/verbs.h"
#include "sim/sweep/slurm_engine.h"

namespace lpusim::app {

/// `note` is told, in a line each, what a user wants to know. Throws InputError and ConfigError.
std::unique_ptr<SlurmEngine> slurm_engine(const SweepOptions& options,
                                          std::function<void(const std::string& line)> note);

/// Not for users: what a task of a job array runs. Arguments: the round's folder, the task's
/// number.
inline constexpr const char* kSlurmTask = "slurm-task";
int slurm_task(const Arguments& arguments);

/// `lpusim sweep status STORE`; arguments without "status".
int sweep_status(const Arguments& arguments);

}  // namespace lpusim::app
