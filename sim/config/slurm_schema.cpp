#include "sim/config/slurm_schema.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lpusim::config {

namespace {

constexpr std::uint64_t kMinute = 60;
constexpr std::uint64_t kYear = std::uint64_t{365} * 24 * 60 * kMinute;
constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::uint64_t kMostMemory = 1'000'000 * kMegabyte;
constexpr std::size_t kNameSize = 200;
constexpr std::size_t kCommandSize = 1'000;
constexpr std::size_t kMostLines = 50;

/// An argument that sbatch gets as it is, and that does not take the engine's own place.
class SbatchFlag {
public:
    using Value = std::string;

    static Value read(const YamlNode& node) {
        std::string text = Text(1, kCommandSize).read(node);
        if (text.compare(0, 2, "--") != 0) throw BadValue(", which does not begin with '--'");
        const std::string option = text.substr(2, text.find('=') - 2);
        if (std::find(kOwn.begin(), kOwn.end(), option) != kOwn.end()) {
            throw BadValue(", which is lpusim's own to set");
        }
        return text;
    }
    static Json write(const Value& value) { return value; }
    static std::string allowed() {
        return "an option of sbatch in its long form ('--constraint=avx2'), but none of --" +
               fmt::format("{}", fmt::join(kOwn, ", --"));
    }

private:
    static constexpr std::array<std::string_view, 14> kOwn = {
        "array",     "chdir",  "clusters", "error", "help",    "job-name", "no-requeue",
        "open-mode", "output", "parsable", "quiet", "requeue", "wait",     "wrap"};
};

using SlurmSchema = Schema<SlurmSettings>;

void add_names(SlurmSchema& schema) {
    schema.add(
        "name", Text(1, 100), required(), [](auto& s) -> auto& { return s.name; },
        "Name in messages.");
    schema.add(
        "description", Text(0, 1000), by_default(""),
        [](auto& s) -> auto& { return s.description; }, "One line about the cluster.");
    schema.add(
        "partition", Text(0, kNameSize), by_default(""),
        [](auto& s) -> auto& { return s.partition; },
        "Where the jobs run; several with commas between them. Empty: the cluster's default.");
    schema.add(
        "account", Text(0, kNameSize), by_default(""), [](auto& s) -> auto& { return s.account; },
        "Whom the time is charged to. Empty: the user's default.");
    schema.add(
        "qos", Text(0, kNameSize), by_default(""), [](auto& s) -> auto& { return s.qos; },
        "Quality of service. Empty: the default.");
}

void add_task(SlurmSchema& schema) {
    schema.add(
        "time", OrWord("default", Measure(Dimension::Time, kMinute, kYear)), by_default("default"),
        [](auto& s) -> auto& { return s.time_seconds; },
        "Limit of a task's run time. What a task has done by then is kept.");
    schema.add(
        "memory", OrWord("default", Measure(Dimension::Size, kMegabyte, kMostMemory)),
        by_default("default"), [](auto& s) -> auto& { return s.memory_bytes; },
        "Memory of a task.");
    schema.add(
        "cpus", Count(1, 1'024), by_default("1"), [](auto& s) -> auto& { return s.cpus; },
        "Cores of a task, and the simulations that it runs at a time.");
    schema.add(
        "setup", ListOf(Text(1, kCommandSize), 0, kMostLines, "shell commands"), implied("none"),
        [](auto& s) -> auto& { return s.setup; },
        "Run by each task before anything else ('module load boost').");
}

void add_job(SlurmSchema& schema) {
    schema.add(
        "tasks", Count(1, 10'000), by_default("16"), [](auto& s) -> auto& { return s.tasks; },
        "Tasks of a job array, which the points are dealt out to; fewer when there are fewer "
        "points.");
    schema.add(
        "running", OrWord("all", Count(1, 10'000)), by_default("all"),
        [](auto& s) -> auto& { return s.running; }, "Tasks that run at a time, at most.");
    schema.add(
        "resubmissions", Count(0, 100), by_default("3"),
        [](auto& s) -> auto& { return s.resubmissions; },
        "How often points that a job left out are submitted again before they count as failed.");
    schema.add(
        "poll", Measure(Dimension::Time, 1, kMinute * kMinute), by_default("10 s"),
        [](auto& s) -> auto& { return s.poll_seconds; }, "How often squeue is asked.");
    schema.add(
        "sbatch", ListOf(SbatchFlag(), 0, kMostLines, "options"), implied("none"),
        [](auto& s) -> auto& { return s.sbatch; }, "What else sbatch is told; an argument each.");
}

const SlurmSchema& slurm_schema() {
    static const SlurmSchema kSchema = [] {
        SlurmSchema schema;
        schema.doc.kind = "slurm";
        schema.doc.doc = "What a sweep with `--engine slurm` asks of the cluster.";
        add_names(schema);
        add_task(schema);
        add_job(schema);
        return schema;
    }();
    return kSchema;
}

}  // namespace

const SchemaDoc& slurm_doc() { return slurm_schema().doc; }

SlurmSettings read_slurm(const YamlNode& root, Diagnostics& diagnostics) {
    SlurmSettings settings;
    FieldValues values(root, slurm_schema().doc, diagnostics);
    values.read_into(settings, slurm_schema());
    return settings;
}

}  // namespace lpusim::config
