#include "sim/sweep/slurm_client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <system_error>

#include <boost/algorithm/string/split.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/platform/child_process.h"

namespace lpusim {

namespace {

struct Ran {
    bool succeeded = false;
    std::string output;
    std::string errors;
};

std::string content_of(const Descriptor& file) {
    std::string content;
    std::array<char, 65536> buffer{};
    ssize_t n = 0;
    while ((n = ::pread(file.get(), buffer.data(), buffer.size(),
                        static_cast<off_t>(content.size()))) > 0) {
        content.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return content;
}

/// Throws SlurmError if the program cannot be started.
Ran run(const std::vector<std::string>& command) {
    // Files, unlike pipes, take any amount without being read meanwhile.
    const std::unique_ptr<Descriptor> output = file_with("");
    const std::unique_ptr<Descriptor> errors = file_with("");
    const Descriptor input(::open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null");
    sigset_t none;
    sigemptyset(&none);
    try {
        ChildProcess process(command,
                             {{input.get(), STDIN_FILENO},
                              {output->get(), STDOUT_FILENO},
                              {errors->get(), STDERR_FILENO}},
                             none);
        const int status = process.wait();
        return {WIFEXITED(status) && WEXITSTATUS(status) == 0, content_of(*output),
                content_of(*errors)};
    } catch (const std::system_error& e) {
        throw SlurmError(fmt::format(
            "{} cannot be started ({}): is this a machine that submits to a Slurm cluster, and are "
            "Slurm's commands in PATH?",
            command.front(), e.code().message()));
    }
}

/// What a failed command said, on one line.
std::string words_of(const Ran& ran) {
    std::string words = ran.errors.empty() ? ran.output : ran.errors;
    boost::algorithm::trim(words);
    for (std::size_t at = 0; (at = words.find('\n', at)) != std::string::npos; at += 2) {
        words.replace(at, 1, "; ");
    }
    return words.empty() ? "it does not say why" : words;
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    boost::algorithm::split(parts, text, [&](char c) { return c == separator; });
    return parts;
}

/// "3" of "1234_3"; nothing for what is no task ("1234_[5-9]", "1234.batch").
bool task_index(const std::string& id, std::uint64_t& index) {
    const std::size_t at = id.find('_');
    if (at == std::string::npos) return false;
    const char* const end = id.data() + id.size();
    const auto [stop, error] = std::from_chars(id.data() + at + 1, end, index);
    return error == std::errc() && stop == end;
}

struct QueueRow {
    std::string job;
    SlurmTaskState task;
};

std::vector<QueueRow> queue(const std::string& job_name) {
    const Ran ran = run({"squeue", "--me", "--name=" + job_name, "--states=all", "--array",
                         "--noheader", "--format=%i|%T|%r"});
    if (!ran.succeeded) throw SlurmError("squeue: " + words_of(ran));
    std::vector<QueueRow> rows;
    for (const std::string& line : split(ran.output, '\n')) {
        const std::vector<std::string> columns = split(line, '|');
        QueueRow row;
        if (columns.size() < 3 || !task_index(columns[0], row.task.index)) continue;
        row.job = columns[0].substr(0, columns[0].find('_'));
        row.task.state = columns[1];
        row.task.reason = columns[2];
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

bool SlurmTaskState::is_active() const {
    static const std::array<const char*, 10> kEnded = {
        "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE",      "FAILED",
        "NODE_FAIL", "PREEMPTED", "REVOKED",   "OUT_OF_MEMORY", "TIMEOUT"};
    return std::find(kEnded.begin(), kEnded.end(), state) == kEnded.end();
}

std::string SlurmClient::submit(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {"sbatch"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Ran ran = run(command);
    if (!ran.succeeded) throw SlurmError("sbatch refuses the job: " + words_of(ran));
    // "1234", or "1234;cluster".
    std::string job = ran.output.substr(0, ran.output.find_first_of(";\n"));
    boost::algorithm::trim(job);
    const bool is_number = !job.empty() && std::all_of(job.begin(), job.end(),
                                                       [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number) throw SlurmError("sbatch gives no number of a job, but: " + words_of(ran));
    return job;
}

std::vector<SlurmTaskState> SlurmClient::tasks(const std::string& job_name) {
    std::vector<SlurmTaskState> tasks;
    for (QueueRow& row : queue(job_name)) tasks.push_back(std::move(row.task));
    return tasks;
}

std::string SlurmClient::find_job(const std::string& job_name) {
    const std::vector<QueueRow> rows = queue(job_name);
    return rows.empty() ? "" : rows.front().job;
}

std::map<std::uint64_t, std::string> SlurmClient::ended(const std::string& job) {
    std::map<std::uint64_t, std::string> states;
    try {
        const Ran ran = run({"sacct", "--allocations", "--noheader", "--parsable2",
                             "--format=JobID,State", "--jobs=" + job});
        // "Slurm accounting storage is disabled" on clusters without a database.
        if (!ran.succeeded) return states;
        for (const std::string& line : split(ran.output, '\n')) {
            const std::vector<std::string> columns = split(line, '|');
            std::uint64_t index = 0;
            if (columns.size() < 2 || !task_index(columns[0], index)) continue;
            // "CANCELLED by 1000"
            states[index] = columns[1].substr(0, columns[1].find(' '));
        }
    } catch (const SlurmError&) {
        // Only the wording of a reason hangs on it.
    }
    return states;
}

void SlurmClient::cancel(const std::string& job_name) {
    const Ran ran = run({"scancel", "--me", "--name=" + job_name});
    if (!ran.succeeded) throw SlurmError("scancel: " + words_of(ran));
}

}  // namespace lpusim
