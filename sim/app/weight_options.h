#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/command_line.h"
#include "sim/app/input_errors.h"
#include "sim/quantize/safetensors.h"
#include "sim/quantize/synthetic_weights.h"
#include "sim/quantize/weight_source.h"

namespace lpusim::app {

/// Random weights instead of a file's.
struct SyntheticChoice {
    Distribution distribution = Distribution::Gaussian;
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    std::uint64_t seed = 1;
};

/// Which weights to quantise: of a file, or random ones.
struct WeightChoice {
    std::optional<std::string> file;
    std::string tensors = "*";
    Orientation orientation = Orientation::OutIn;
    std::optional<SyntheticChoice> synthetic;
};

/// --weights, --tensor and --orientation.
void add_weight_file_options(CommandLine& line);
/// --synthetic, --shape and --seed.
void add_synthetic_options(CommandLine& line);

/// What a command line with these options asks for; neither a file nor a distribution is for the
/// caller to judge. Adds every error.
WeightChoice read_weight_choice(const CommandLine& line, InputErrors& errors);

/// Matrices to quantise, in the order of the file.
struct WeightSet {
    std::vector<std::unique_ptr<WeightSource>> matrices;
    /// Tensors that match, but are no matrices of floating-point numbers.
    std::vector<std::string> skipped;

    std::uint64_t weights() const;
};

/// Throws FileError, and InputError when no tensor matches or none of those that do is a matrix.
WeightSet open_weights(const WeightChoice& choice);

/// Says on standard error which tensors were left out.
void warn_of_skipped(const WeightSet& set);

/// "model.safetensors", or "gaussian 8192x64, seed 1".
std::string text_of(const WeightChoice& choice);
std::string text_of(const SyntheticChoice& choice);

}  // namespace lpusim::app
