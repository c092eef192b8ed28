#include <algorithm>

#include <fmt/format.h>
#include <fnmatch.h>

#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/packing_options.h"
#include "sim/app/progress_line.h"
#include "sim/app/verbs.h"
#include "sim/config/diagnostics.h"
#include "sim/config/load.h"
#include "sim/quantize/file_error.h"
#include "sim/quantize/packed_file.h"
#include "sim/quantize/safetensors_writer.h"
#include "sim/quantize/strict_json.h"
#include "sim/quantize/tensor_quantizer.h"
#include "sim/report/number_text.h"
#include "sim/report/text_table.h"

namespace lpusim::app {

namespace {

CommandLine unpack_command_line() {
    CommandLine line("lpusim unpack");
    line.allow_positional("FILE");
    line.add_value("out", "FILE",
                   "a safetensors file of F32 matrices [N, K]; it appears when it is whole");
    line.add_value("tensor", "GLOB", "those of its tensors that match: *, ?, [...] (default: all)");
    line.add_flag("list", "check the file and show what it holds; write nothing");
    add_thread_option(line);
    line.add_flag("help,h", "this text");
    return line;
}

std::vector<PackedTensor> matching(const PackedFile& file, const std::string& glob) {
    std::vector<PackedTensor> found;
    std::vector<std::string> names;
    for (const PackedTensor& tensor : file.index().tensors) {
        names.push_back(tensor.name);
        if (::fnmatch(glob.c_str(), tensor.name.c_str(), 0) == 0) found.push_back(tensor);
    }
    if (found.empty() && glob != "*") {
        throw InputError(fmt::format("error: --tensor: no tensor of {} is called {}{}", file.path(),
                                     config::in_quotes(glob),
                                     config::did_you_mean(config::nearest(glob, names))));
    }
    return found;
}

/// The matrix's weights, strip by strip, to `sink`.
template <class Sink>
void restore(const PackedFile& file, const PackedTensor& tensor, const NumberFormat& format,
             unsigned threads, Sink sink) {
    const MatrixPacker packer(format, tensor.tiling);
    const ByteView bytes = file.bytes(tensor, packer);
    std::vector<float> weights;
    for (std::uint64_t i = 0; i < packer.strips(); ++i) {
        const Strip strip = packer.strip(i);
        weights.resize(strip.columns * tensor.tiling.k);
        try {
            restore_strip(packer, strip, {bytes.data + strip.offset, strip.bytes},
                          tensor.tensor_scale, threads, weights.data());
        } catch (const PackedDataError& error) {
            throw FileError(fmt::format("{}: tensor {}: {}", file.path(), shown_name(tensor.name),
                                        error.what()));
        }
        sink(weights);
    }
}

void unpack(const PackedFile& file, const std::vector<PackedTensor>& tensors,
            const NumberFormat& format, const std::string& out, unsigned threads) {
    std::vector<SafetensorsWriter::Matrix> matrices;
    double all = 0;
    for (const PackedTensor& tensor : tensors) {
        matrices.push_back({tensor.name, tensor.tiling.k, tensor.tiling.n});
        all += static_cast<double>(tensor.tiling.k * tensor.tiling.n);
    }
    SafetensorsWriter writer(out, matrices);
    ProgressLine line({"weights"}, "unpacking");
    double done = 0;
    for (const PackedTensor& tensor : tensors) {
        restore(file, tensor, format, threads, [&](const std::vector<float>& weights) {
            writer.append(weights.data(), weights.size());
            done += static_cast<double>(weights.size());
            line.update(0, done / all);
        });
    }
    writer.finish();
}

void list(const PackedFile& file, const std::vector<PackedTensor>& tensors,
          const NumberFormat& format, const TextStyle& style) {
    TextTable table({Align::Left, Align::Right, Align::Right, Align::Right});
    table.add({{"tensor", Paint::Bold},
               {"K x N", Paint::Bold},
               {"bits/weight", Paint::Bold},
               {"packed", Paint::Bold}});
    for (const PackedTensor& tensor : tensors) {
        file.bytes(tensor, MatrixPacker(format, tensor.tiling));
        const double weights = static_cast<double>(tensor.tiling.k * tensor.tiling.n);
        table.add(
            {{printable(tensor.name)},
             {fmt::format("{}x{}", tensor.tiling.k, tensor.tiling.n)},
             {fmt::format("{:.4f}",
                          weights == 0 ? 0 : 8 * static_cast<double>(tensor.bytes) / weights)},
             {decimal_bytes_text(Bytes(tensor.bytes))}});
    }
    print(fmt::format("{}: {} tensor{} in {}\n\n", file.path(), tensors.size(),
                      tensors.size() == 1 ? "" : "s", printable(format.name)) +
          table.text(0, style));
}

}  // namespace

int unpack_verb(const Arguments& arguments) {
    CommandLine line = unpack_command_line();
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("FILE {--out FILE | --list} [OPTION]...",
                        "Reads a packed tensor file, checks it, and writes the weights that it "
                        "stands for."));
        return kSuccess;
    }
    InputErrors errors;
    if (line.positional().size() != 1) {
        errors.add(fmt::format("one packed tensor file is wanted, got {}; {}",
                               line.positional().size(), line.hint()));
    }
    if (line.has("out") == line.has("list")) {
        errors.add(fmt::format("one of --out FILE and --list is wanted; {}", line.hint()));
    }
    const PackingOptions packing = read_packing_options(line, errors);
    errors.throw_if_any();

    const PackedFile file(line.positional().front());
    const NumberFormat format = parse_format(file.index().format_json, file.path() + ": format");
    const std::vector<PackedTensor> tensors = matching(file, line.value("tensor").value_or("*"));
    if (line.has("list")) {
        list(file, tensors, format, output_style());
    } else {
        unpack(file, tensors, format, *line.value("out"), packing.threads);
    }
    return kSuccess;
}

}  // namespace lpusim::app
