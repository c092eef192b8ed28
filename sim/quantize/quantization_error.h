#pragma once

#include <cstdint>

namespace lpusim {

/// How far restored weights are from the original ones. Sums in FP64, in an order that depends on
/// the weights' places only; the sums of two parts are added by +=, so adding parts in their order
/// gives the same bits each time.
struct QuantizationError {
    std::uint64_t weights = 0;
    double squared_error = 0;
    double squared_weight = 0;
    /// Largest |restored - weight|.
    double max_error = 0;
    /// Weights that lie beyond the largest code by more than half of the distance to the code
    /// before it. Clipping is a part of some formats (powers of two, FP8 scales); elsewhere it says
    /// that a scale reached the end of its width.
    std::uint64_t clipped = 0;

    QuantizationError& operator+=(const QuantizationError& other);

    /// Mean squared error, and its root; 0 for no weights.
    double mse() const;
    double rmse() const;
    /// rmse() / RMS of the weights; 0 without an error, infinite if only the weights are 0.
    double relative_rmse() const;
    /// Signal to quantisation noise in dB; infinite without an error.
    double sqnr_db() const;
};

/// The error of `count` weights, without `clipped`.
QuantizationError error_of(const float* weights, const float* restored, std::uint64_t count);

}  // namespace lpusim
