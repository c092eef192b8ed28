#include <fmt/format.h>

#include "sim/app/command_line.h"
#include "sim/app/output.h"
#include "sim/app/verbs.h"
#include "sim/config/claims.h"
#include "sim/config/data_files.h"
#include "sim/report/number_text.h"
#include "sim/report/text_table.h"
#include "sim/sweep/sweep_plan.h"
#include "sim/workload/model.h"

namespace lpusim::app {

namespace {

// The matrix that formats are compared on: a projection of a 70B model, on the published array.
constexpr std::uint64_t kMatrixRows = 8'192;
constexpr std::uint64_t kMatrixColumns = 8'192;
constexpr std::uint32_t kTileRows = 320;

std::string bits_text(const NumberFormat& format) {
    const MatrixFootprint stored = footprint(format, kMatrixRows, kMatrixColumns, kTileRows);
    return fmt::format("{:.4f} bits", static_cast<double>(stored.total.count()) * 8 /
                                          static_cast<double>(stored.weights.count()));
}

/// The figure that tells a file from the others of its kind.
std::string shipped_figure(FileKind kind, const ShippedFile& file) {
    try {
        switch (kind) {
            case FileKind::Hardware: {
                const HardwareConfig hardware = load_hardware(file.path);
                if (hardware.placement == Placement::Resident) return "weights in SRAM";
                return rate_text(static_cast<double>(hardware.stream_bandwidth.count()));
            }
            case FileKind::Format:
                return bits_text(load_format(file.path));
            case FileKind::Sweep: {
                const SweepPlan plan(load_sweep(file.path));
                return fmt::format("{} {}", count_text(plan.count({})),
                                   plan.sweep().search ? "searches" : "points");
            }
            case FileKind::Model:
                return count_text(count_parameters(load_model(file.path)).total()) + " parameters";
            case FileKind::Claims:
                return fmt::format("{} claims", load_claims(file.path).claims.size());
            case FileKind::Slurm:
                break;
        }
        const SlurmSettings slurm = load_slurm(file.path);
        return fmt::format("{} tasks of {} core{}", slurm.tasks, slurm.cpus,
                           slurm.cpus == 1 ? "" : "s");
    } catch (const ConfigError&) {
        return "has errors, see 'lpusim check'";
    }
}

void print_files(FileKind kind, const std::string& heading, const TextStyle& style) {
    TextTable table({Align::Left, Align::Right, Align::Left});
    for (const ShippedFile& file : shipped_files(kind)) {
        table.add({{file.name}, {shipped_figure(kind, file)}, {file.description, Paint::Dim}});
    }
    print(painted(heading, Paint::Bold, style) + "\n" + table.text(2, style));
}

}  // namespace

int list_verb(const Arguments& arguments) {
    CommandLine line("lpusim list");
    line.add_flag("help,h", "this text");
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help(
            "",
            "The hardware, models, formats, sweeps, Slurm settings and claims that are shipped."));
        return kSuccess;
    }
    const TextStyle style = output_style();
    print_files(FileKind::Hardware, "Hardware, with the stream that weights come over", style);
    print("\n");
    print_files(FileKind::Model, "Models", style);
    print("\n");
    print_files(FileKind::Slurm, "Settings for sweeps on Slurm clusters", style);
    print("\n");
    print_files(FileKind::Claims, "Published claims, for lpusim audit", style);
    print("\n");
    print_files(
        FileKind::Format,
        fmt::format("Formats, with what they store per weight of an {} x {} matrix in tiles "
                    "of {} rows",
                    kMatrixRows, kMatrixColumns, kTileRows),
        style);
    print("\n");
    print_files(FileKind::Sweep, "Sweeps", style);
    return kSuccess;
}

}  // namespace lpusim::app
