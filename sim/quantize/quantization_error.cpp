#include "sim/quantize/quantization_error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace lpusim {

namespace {

/// Independent sums, so that the compiler can add several weights at once without changing the
/// order of any sum.
constexpr std::size_t kLanes = 8;
using Lanes = std::array<double, kLanes>;

double sum(const Lanes& lanes) {
    double total = 0;
    for (const double lane : lanes) total += lane;
    return total;
}

}  // namespace

QuantizationError& QuantizationError::operator+=(const QuantizationError& other) {
    weights += other.weights;
    squared_error += other.squared_error;
    squared_weight += other.squared_weight;
    max_error = std::max(max_error, other.max_error);
    clipped += other.clipped;
    return *this;
}

double QuantizationError::mse() const {
    return weights == 0 ? 0 : squared_error / static_cast<double>(weights);
}

double QuantizationError::rmse() const { return std::sqrt(mse()); }

double QuantizationError::relative_rmse() const {
    return squared_error == 0 ? 0 : std::sqrt(squared_error / squared_weight);
}

double QuantizationError::sqnr_db() const {
    if (squared_error == 0) return std::numeric_limits<double>::infinity();
    return 10 * std::log10(squared_weight / squared_error);
}

QuantizationError error_of(const float* weights, const float* restored, std::uint64_t count) {
    Lanes errors{};
    Lanes squares{};
    Lanes largest{};
    const auto add = [&](std::size_t lane, std::uint64_t i) {
        const double weight = static_cast<double>(weights[i]);
        const double error = std::fabs(static_cast<double>(restored[i]) - weight);
        errors[lane] += error * error;
        squares[lane] += weight * weight;
        largest[lane] = largest[lane] < error ? error : largest[lane];
    };
    std::uint64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) add(lane, i + lane);
    }
    for (std::size_t lane = 0; i < count; ++i, ++lane) add(lane, i);

    QuantizationError error;
    error.weights = count;
    error.squared_error = sum(errors);
    error.squared_weight = sum(squares);
    error.max_error = *std::max_element(largest.begin(), largest.end());
    return error;
}

}  // namespace lpusim
