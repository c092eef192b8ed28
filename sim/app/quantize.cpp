#include <array>
#include <utility>

#include <fmt/format.h>

#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/packing_options.h"
#include "sim/app/progress_line.h"
#include "sim/app/quantize_report.h"
#include "sim/app/tool_info.h"
#include "sim/app/verbs.h"
#include "sim/app/weight_options.h"
#include "sim/config/data_files.h"
#include "sim/config/diagnostics.h"
#include "sim/quantize/allocation.h"
#include "sim/quantize/tensor_quantizer.h"
#include "sim/report/result_document.h"
#include "sim/result/output_file.h"

namespace lpusim::app {

namespace {

constexpr std::uint32_t kDocumentVersion = 1;
constexpr std::uint32_t kMostGroup = 1U << 20U;

/// What is typed for an experiment.
constexpr std::array<std::pair<const char*, Allocation>, std::size(kAllocations)> kAllocationWords =
    {{{"all-4-bit", Allocation::FourBits},
      {"alternating", Allocation::Alternating},
      {"random", Allocation::RandomPairs},
      {"magnitude-pair", Allocation::LargerOfPair},
      {"magnitude-group", Allocation::LargerOfGroup},
      {"magnitude-group-ranges", Allocation::LargerOfGroupOwnRange}}};

struct QuantizeArguments {
    std::vector<NumberFormat> formats;
    std::vector<Allocation> allocations;
    AllocationOptions allocation;
    WeightChoice weights;
    PackingOptions packing;
    std::optional<std::string> csv;
    std::optional<std::string> json;
};

CommandLine quantize_command_line() {
    CommandLine line("lpusim quantize");
    line.add_value("format", "A,B,...", "weight formats: names of shipped ones, or files");
    add_weight_file_options(line);
    add_synthetic_options(line);
    line.add_value("allocation", "A,B,...",
                   "experiments with 4 and 3 bits, half of the weights each: all-4-bit, "
                   "alternating, random, magnitude-pair, magnitude-group, magnitude-group-ranges, "
                   "or all");
    line.add_value("allocation-group", "N|column",
                   "weights that share a range in these (default column)");
    line.add_flag("allocation-symmetric", "symmetric ranges in these, without zero points");
    line.add_value("allocation-seed", "S", "of the random allocation (default 1)");
    add_tiling_options(line);
    add_thread_option(line);
    line.add_value("csv", "FILE", "write the figures there; with '-' in place of the table");
    line.add_value("json", "FILE", "the same as JSON");
    line.add_flag("help,h", "this text");
    return line;
}

std::string help(const CommandLine& line) {
    return line.help(
               "--format A,B,... {--weights FILE | --synthetic NAME --shape KxN} [OPTION]...",
               "Quantises matrices and tells how many bits they take and how far they are from the "
               "original\nweights. The relative RMSE is the RMSE over the RMS of the weights. What "
               "errors of weights mean\nfor a model's answers, it does not tell.") +
           "\nExample:\n"
           "  lpusim quantize --format int4-g64,w3p5-g64 --synthetic gaussian --shape 8192x8192\n";
}

std::vector<Allocation> parse_allocations(const std::string& text) {
    std::vector<Allocation> found;
    if (text == "all") return {std::begin(kAllocations), std::end(kAllocations)};
    std::vector<std::string> words = {"all"};
    for (const auto& entry : kAllocationWords) words.emplace_back(entry.first);
    for (const std::string& item : parse_list("--allocation", text)) {
        bool known = false;
        for (const auto& [word, allocation] : kAllocationWords) {
            if (item != word) continue;
            found.push_back(allocation);
            known = true;
        }
        if (!known) {
            throw InputError(fmt::format("error: --allocation: got {}; allowed: {}{}",
                                         config::in_quotes(item), config::one_of(words),
                                         config::did_you_mean(config::nearest(item, words))));
        }
    }
    return found;
}

void read_allocation(const CommandLine& line, QuantizeArguments& options, InputErrors& errors) {
    const auto read = [&](const char* name, auto use) {
        if (const auto text = line.value(name)) errors.collect([&] { use(*text); });
    };
    read("allocation",
         [&](const std::string& text) { options.allocations = parse_allocations(text); });
    read("allocation-group", [&](const std::string& text) {
        if (text == "column") return;
        options.allocation.group_size = parse_count("--allocation-group", text, 1, kMostGroup);
    });
    options.allocation.symmetric = line.has("allocation-symmetric");
    options.allocation.seed = 1;
    read("allocation-seed", [&](const std::string& text) {
        options.allocation.seed = parse_count("--allocation-seed", text, 0, 0xffff'ffffU);
    });
    for (const char* option : {"allocation-group", "allocation-symmetric", "allocation-seed"}) {
        if (line.has(option) && !line.has("allocation")) {
            errors.add(fmt::format("--{} says nothing without --allocation", option));
        }
    }
}

QuantizeArguments read_quantize_arguments(const CommandLine& line) {
    QuantizeArguments options;
    InputErrors errors;
    if (!line.has("format") && !line.has("allocation")) {
        errors.add(fmt::format("--format is missing; {}", line.hint()));
    }
    if (const auto text = line.value("format")) {
        errors.collect([&] {
            for (const std::string& format : parse_list("--format", *text)) {
                errors.collect([&] {
                    options.formats.push_back(load_format(find_file(FileKind::Format, format)));
                });
            }
        });
    }
    read_allocation(line, options, errors);
    if (!line.has("weights") && !line.has("synthetic")) {
        errors.add(fmt::format("--weights or --synthetic is missing; {}", line.hint()));
    }
    options.weights = read_weight_choice(line, errors);
    options.packing = read_packing_options(line, errors);
    options.allocation.threads = options.packing.threads;
    options.csv = line.value("csv");
    options.json = line.value("json");
    if (options.csv && options.csv == options.json) {
        errors.add("--csv and --json cannot go to the same place");
    }
    for (const auto& [name, path] : {std::pair("--csv", options.csv), {"--json", options.json}}) {
        if (!path || *path == kStandardOutput) continue;
        errors.collect([&, option = name, file = *path] { require_writable(option, file); });
    }
    errors.throw_if_any();
    return options;
}

QuantizedRow row_of(const WeightSource& matrix) {
    QuantizedRow row;
    row.tensor = matrix.name();
    row.k = matrix.k();
    row.n = matrix.n();
    return row;
}

QuantizedRow quantized(const WeightSource& matrix, const NumberFormat& format,
                       const PackingOptions& packing,
                       const std::function<void(std::uint64_t)>& progress) {
    QuantizeOptions options;
    options.threads = packing.threads;
    options.progress = progress;
    const QuantizedTensor tensor =
        quantize_tensor(matrix, format, packing.tiling_of(matrix), options);
    QuantizedRow row = row_of(matrix);
    row.format = format.name;
    row.error = tensor.error;
    row.stored_bits = 8 * static_cast<double>(tensor.packed_bytes);
    return row;
}

QuantizedRow tried(const WeightSource& matrix, Allocation allocation,
                   const AllocationOptions& options) {
    const AllocationResult result = try_allocation(matrix, allocation, options);
    QuantizedRow row = row_of(matrix);
    row.format = fmt::format("4/3 {}", name_of(allocation));
    row.error = result.error;
    row.stored_bits = result.bits() * static_cast<double>(result.error.weights);
    row.allocation = AllocationBits{result.code_bits, result.scale_bits, result.map_bits};
    row.packed = false;
    return row;
}

std::vector<QuantizedRow> quantize_all(const WeightSet& set, const QuantizeArguments& options) {
    std::vector<QuantizedRow> rows;
    ProgressLine line({"weights"}, "quantising");
    const double passes = static_cast<double>(options.formats.size() + options.allocations.size());
    const double all = passes * static_cast<double>(set.weights());
    double done = 0;
    for (const auto& matrix : set.matrices) {
        const auto weights = static_cast<double>(matrix->k() * matrix->n());
        const auto advance = [&] {
            done += weights;
            line.update(0, done / all);
        };
        for (const NumberFormat& format : options.formats) {
            rows.push_back(quantized(*matrix, format, options.packing, [&](std::uint64_t columns) {
                line.update(0, (done + static_cast<double>(columns * matrix->k())) / all);
            }));
            advance();
        }
        for (const Allocation allocation : options.allocations) {
            rows.push_back(tried(*matrix, allocation, options.allocation));
            advance();
        }
    }
    return rows;
}

nlohmann::ordered_json document_of(const std::vector<QuantizedRow>& rows,
                                   const QuantizeArguments& options) {
    const ToolInfo tool = tool_info();
    nlohmann::ordered_json formats = nlohmann::ordered_json::array();
    for (const NumberFormat& format : options.formats) formats.push_back(effective_json(format));
    return {{"schema_version", kDocumentVersion},
            {"tool",
             {{"name", "lpusim"}, {"version", tool.version}, {"git_revision", tool.git_revision}}},
            {"weights", text_of(options.weights)},
            {"tile_rows", options.packing.tile_rows},
            {"formats", std::move(formats)},
            {"tensors", quantize_json(rows)},
            {"totals", quantize_json(totals_of(rows))}};
}

void print_rows(const std::vector<QuantizedRow>& rows, const QuantizeArguments& options) {
    bool table = true;
    const auto put = [&](const std::optional<std::string>& path, const auto& text) {
        if (!path) return;
        if (*path != kStandardOutput) {
            write_file(*path, text());
            return;
        }
        print(text());
        table = false;
    };
    put(options.csv, [&] { return quantize_csv(rows); });
    put(options.json, [&] { return document_text(document_of(rows, options)); });
    if (!table) return;
    print(fmt::format("Weights: {}; tiles of {} rows\n\n", printable(text_of(options.weights)),
                      options.packing.tile_rows));
    print(quantize_table(rows, output_style()));
}

}  // namespace

int quantize_verb(const Arguments& arguments) {
    CommandLine line = quantize_command_line();
    line.parse(arguments);
    if (line.has("help")) {
        print(help(line));
        return kSuccess;
    }
    const QuantizeArguments options = read_quantize_arguments(line);
    const WeightSet set = open_weights(options.weights);
    warn_of_skipped(set);
    print_rows(quantize_all(set, options), options);
    return kSuccess;
}

}  // namespace lpusim::app
