#include "sim/sweep/slurm_job.h"

#include <fmt/format.h>

namespace lpusim {

namespace {

/// "1-02:30:00"
std::string time_text(std::uint64_t seconds) {
    constexpr std::uint64_t kMinute = 60;
    constexpr std::uint64_t kHour = 60 * kMinute;
    constexpr std::uint64_t kDay = 24 * kHour;
    return fmt::format("{}-{:02}:{:02}:{:02}", seconds / kDay, seconds % kDay / kHour,
                       seconds % kHour / kMinute, seconds % kMinute);
}

}  // namespace

std::string shell_quoted(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) {
        // A quote cannot stand inside quotes: it ends them, stands by itself, and begins them anew.
        if (c == '\'') {
            quoted += "'\\''";
        } else {
            quoted += c;
        }
    }
    return quoted + "'";
}

std::vector<std::string> sbatch_arguments(const SlurmJob& job, const SlurmSettings& settings) {
    std::vector<std::string> arguments = {
        "--parsable", "--job-name=" + job.name,
        // The script has its own log: a path is no pattern there.
        "--output=/dev/null", "--error=/dev/null",
        // A task whose node is lost, or that has to make way, comes back by itself.
        "--requeue"};
    std::string array = fmt::format("--array=1-{}", job.tasks);
    if (settings.running != 0) array += fmt::format("%{}", settings.running);
    arguments.push_back(array);
    const auto add = [&](const char* option, const std::string& value) {
        if (!value.empty()) arguments.push_back(fmt::format("--{}={}", option, value));
    };
    add("partition", settings.partition);
    add("account", settings.account);
    add("qos", settings.qos);
    if (settings.time_seconds != 0) add("time", time_text(settings.time_seconds));
    constexpr std::uint64_t kKibi = 1'024;
    if (settings.memory_bytes != 0) {
        add("mem", fmt::format("{}K", (settings.memory_bytes + kKibi - 1) / kKibi));
    }
    add("cpus-per-task", std::to_string(settings.cpus));
    arguments.insert(arguments.end(), settings.sbatch.begin(), settings.sbatch.end());
    arguments.push_back(job.script.string());
    return arguments;
}

std::string script_text(const SlurmScript& script) {
    std::string text =
        "#!/bin/sh\n"
        "# Written by lpusim: a task of a sweep. Slurm runs it; by hand it would do the same.\n";
    text += fmt::format("exec >>{}/task-\"$SLURM_ARRAY_TASK_ID\".log 2>&1\n",
                        shell_quoted(script.log_folder.string()));
    text += fmt::format("cd {} || exit 1\n", shell_quoted(script.working_folder.string()));
    for (const auto& [name, value] : script.environment) {
        text += fmt::format("export {}={}\n", name, shell_quoted(value));
    }
    for (const std::string& line : script.setup) text += line + "\n";
    text += "exec";
    for (const std::string& word : script.command) text += " " + shell_quoted(word);
    return text + " \"$SLURM_ARRAY_TASK_ID\"\n";
}

}  // namespace lpusim
