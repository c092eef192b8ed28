#include "sim/app/weight_options.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <limits>

#include <fmt/format.h>

#include "sim/config/diagnostics.h"
#include "sim/quantize/file_error.h"

namespace lpusim::app {

namespace {

// Past these, one strip of a matrix would not fit a small machine's memory.
constexpr std::uint32_t kMostRows = 1U << 20U;
constexpr std::uint32_t kMostColumns = 1U << 24U;
constexpr std::uint32_t kMostSeed = std::numeric_limits<std::uint32_t>::max();

constexpr std::array kDistributions = {Distribution::Gaussian, Distribution::StudentT,
                                       Distribution::Laplace};

Distribution parse_distribution(const std::string& text) {
    std::vector<std::string> names;
    for (const Distribution distribution : kDistributions) {
        if (text == name_of(distribution)) return distribution;
        names.emplace_back(name_of(distribution));
    }
    throw InputError(fmt::format("error: --synthetic: got {}; allowed: {}{}",
                                 config::in_quotes(text), config::one_of(names),
                                 config::did_you_mean(config::nearest(text, names))));
}

Orientation parse_orientation(const std::string& text) {
    if (text == "out-in") return Orientation::OutIn;
    if (text == "in-out") return Orientation::InOut;
    throw InputError(fmt::format("error: --orientation: got {}; allowed: out-in or in-out",
                                 config::in_quotes(text)));
}

/// "8192x4096": K rows, which a product sums over, and N columns.
void parse_shape(const std::string& text, SyntheticChoice& choice) {
    const std::size_t x = text.find('x');
    if (x == std::string::npos) {
        throw InputError(fmt::format("error: --shape: got {}; allowed: KxN, as in 8192x4096",
                                     config::in_quotes(text)));
    }
    choice.k = parse_count("--shape: K", text.substr(0, x), 1, kMostRows);
    choice.n = parse_count("--shape: N", text.substr(x + 1), 1, kMostColumns);
}

/// An option that means nothing without another one.
void require_beside(const CommandLine& line, const char* option, const char* other,
                    InputErrors& errors) {
    if (!line.has(option) || line.has(other)) return;
    errors.add(fmt::format("--{} says nothing without --{}", option, other));
}

bool is_pattern(const std::string& glob) { return glob.find_first_of("*?[") != std::string::npos; }

[[noreturn]] void throw_no_match(const SafetensorsFile& file, const std::string& glob) {
    std::vector<std::string> names;
    for (const TensorEntry& tensor : file.tensors()) names.push_back(tensor.name);
    throw InputError(fmt::format("error: --tensor: no tensor of {} is called {}{}", file.path(),
                                 config::in_quotes(glob),
                                 config::did_you_mean(config::nearest(glob, names))));
}

WeightSet open_file(const WeightChoice& choice) {
    const SafetensorsFile file(*choice.file);
    const std::vector<const TensorEntry*> matching = file.matching(choice.tensors);
    if (matching.empty()) throw_no_match(file, choice.tensors);
    WeightSet set;
    for (const TensorEntry* tensor : matching) {
        const bool usable = tensor->is_matrix() && tensor->is_readable() && tensor->bytes.size != 0;
        // What is named by its name must be usable; what a pattern happens to match need not be.
        if (usable || !is_pattern(choice.tensors)) {
            set.matrices.push_back(file.weights(*tensor, choice.orientation));
        } else {
            set.skipped.push_back(tensor->name);
        }
    }
    if (set.matrices.empty()) {
        throw InputError(fmt::format(
            "error: {}: none of the {} tensors that match {} is a matrix of F32, F16 or BF16",
            file.path(), matching.size(), config::in_quotes(choice.tensors)));
    }
    return set;
}

}  // namespace

void add_weight_file_options(CommandLine& line) {
    line.add_value("weights", "FILE", "a safetensors file of F32, F16 or BF16 matrices");
    line.add_value("tensor", "GLOB", "those of its tensors that match: *, ?, [...] (default: all)");
    line.add_value("orientation", "out-in|in-out",
                   "how its matrices lie: [out, in] as torch.nn.Linear (the default), or [in, out] "
                   "as GPT-2's Conv1D");
}

void add_synthetic_options(CommandLine& line) {
    line.add_value("synthetic", "NAME", "random weights: gaussian, student-t or laplace");
    line.add_value("shape", "KxN", "of the random matrix: K is summed over, N are the outputs");
    line.add_value("seed", "S", "of the random weights (default 1)");
}

WeightChoice read_weight_choice(const CommandLine& line, InputErrors& errors) {
    WeightChoice choice;
    const auto read = [&](const char* name, auto use) {
        if (const auto text = line.value(name)) errors.collect([&] { use(*text); });
    };
    choice.file = line.value("weights");
    choice.tensors = line.value("tensor").value_or("*");
    read("orientation",
         [&](const std::string& text) { choice.orientation = parse_orientation(text); });
    for (const char* option : {"tensor", "orientation"}) {
        require_beside(line, option, "weights", errors);
    }
    for (const char* option : {"shape", "seed"}) {
        require_beside(line, option, "synthetic", errors);
    }
    if (!line.has("synthetic")) return choice;

    SyntheticChoice& synthetic = choice.synthetic.emplace();
    if (choice.file) errors.add("--weights and --synthetic are both given; keep one");
    read("synthetic",
         [&](const std::string& text) { synthetic.distribution = parse_distribution(text); });
    if (!line.has("shape")) errors.add("--synthetic needs --shape KxN, as in 8192x4096");
    read("shape", [&](const std::string& text) { parse_shape(text, synthetic); });
    read("seed", [&](const std::string& text) {
        synthetic.seed = parse_count("--seed", text, 0, kMostSeed);
    });
    return choice;
}

std::uint64_t WeightSet::weights() const {
    std::uint64_t sum = 0;
    for (const auto& matrix : matrices) sum += matrix->k() * matrix->n();
    return sum;
}

WeightSet open_weights(const WeightChoice& choice) {
    if (choice.file) return open_file(choice);
    const SyntheticChoice& synthetic = choice.synthetic.value();
    WeightSet set;
    set.matrices.push_back(std::make_unique<SyntheticWeights>(synthetic.distribution, synthetic.k,
                                                              synthetic.n, synthetic.seed));
    return set;
}

void warn_of_skipped(const WeightSet& set) {
    if (set.skipped.empty()) return;
    constexpr std::size_t kShown = 3;
    std::string names;
    for (std::size_t i = 0; i < std::min(kShown, set.skipped.size()); ++i) {
        names += (i == 0 ? "" : ", ") + config::in_quotes(set.skipped[i]);
    }
    std::cerr << fmt::format(
        "left out: {} tensors that are no matrices of F32, F16 or BF16: {}{}\n", set.skipped.size(),
        names, set.skipped.size() > kShown ? ", ..." : "");
}

std::string text_of(const SyntheticChoice& choice) {
    return fmt::format("{} {}x{}, seed {}", name_of(choice.distribution), choice.k, choice.n,
                       choice.seed);
}

std::string text_of(const WeightChoice& choice) {
    if (!choice.file) return text_of(choice.synthetic.value());
    return choice.tensors == "*" ? *choice.file
                                 : fmt::format("{}, tensors {}", *choice.file, choice.tensors);
}

}  // namespace lpusim::app
