#include <functional>
#include <optional>

#include <fmt/format.h>

#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/packing_options.h"
#include "sim/app/progress_line.h"
#include "sim/app/quantize_report.h"
#include "sim/app/verbs.h"
#include "sim/app/weight_options.h"
#include "sim/config/data_files.h"
#include "sim/quantize/packed_file.h"
#include "sim/quantize/tensor_quantizer.h"

namespace lpusim::app {

namespace {

struct PackArguments {
    NumberFormat format;
    WeightChoice weights;
    PackingOptions packing;
    std::string out;
};

CommandLine pack_command_line() {
    CommandLine line("lpusim pack");
    line.add_value("format", "NAME", "the weight format: the name of a shipped one, or a file");
    add_weight_file_options(line);
    add_synthetic_options(line);
    line.add_value("out", "FILE", "the packed tensor file; it appears when it is whole");
    add_tiling_options(line);
    add_thread_option(line);
    line.add_flag("help,h", "this text");
    return line;
}

PackArguments read_pack_arguments(const CommandLine& line) {
    PackArguments options;
    InputErrors errors;
    for (const char* name : {"format", "out"}) {
        if (!line.has(name)) errors.add(fmt::format("--{} is missing; {}", name, line.hint()));
    }
    if (const auto format = line.value("format")) {
        errors.collect([&] { options.format = load_format(find_file(FileKind::Format, *format)); });
    }
    if (!line.has("weights") && !line.has("synthetic")) {
        errors.add(fmt::format("--weights or --synthetic is missing; {}", line.hint()));
    }
    options.weights = read_weight_choice(line, errors);
    options.packing = read_packing_options(line, errors);
    options.out = line.value("out").value_or("");
    errors.throw_if_any();
    return options;
}

QuantizedRow pack_matrix(const WeightSource& matrix, const PackArguments& options,
                         const std::function<void(std::uint64_t)>& progress,
                         PackedFileWriter& file) {
    const MatrixTiling tiling = options.packing.tiling_of(matrix);
    file.begin(matrix.name(), tiling);
    QuantizeOptions quantize;
    quantize.threads = options.packing.threads;
    quantize.sink = [&](ByteView bytes) { file.append(bytes); };
    quantize.progress = progress;
    const QuantizedTensor tensor = quantize_tensor(matrix, options.format, tiling, quantize);
    file.end(tensor.tensor_scale);

    QuantizedRow row;
    row.tensor = matrix.name();
    row.k = matrix.k();
    row.n = matrix.n();
    row.format = options.format.name;
    row.error = tensor.error;
    row.stored_bits = 8 * static_cast<double>(tensor.packed_bytes);
    return row;
}

std::vector<QuantizedRow> pack_all(const WeightSet& set, const PackArguments& options) {
    std::vector<QuantizedRow> rows;
    PackedFileWriter file(options.out, effective_json(options.format).dump());
    ProgressLine line({"weights"}, "packing");
    const auto all = static_cast<double>(set.weights());
    std::uint64_t done = 0;
    for (const auto& matrix : set.matrices) {
        const auto show = [&](std::uint64_t columns) {
            line.update(0, static_cast<double>(done + columns * matrix->k()) / all);
        };
        rows.push_back(pack_matrix(*matrix, options, show, file));
        done += matrix->k() * matrix->n();
    }
    file.finish();
    return rows;
}

}  // namespace

int pack_verb(const Arguments& arguments) {
    CommandLine line = pack_command_line();
    line.parse(arguments);
    if (line.has("help")) {
        print(
            line.help("--format NAME {--weights FILE | --synthetic NAME --shape KxN} --out FILE "
                      "[OPTION]...",
                      "Quantises matrices and writes the bytes that the machine streams, with "
                      "checksums: docs/formats.md\ndescribes the file."));
        return kSuccess;
    }
    const PackArguments options = read_pack_arguments(line);
    const WeightSet set = open_weights(options.weights);
    warn_of_skipped(set);
    print(quantize_table(pack_all(set, options), output_style()));
    return kSuccess;
}

}  // namespace lpusim::app
