#include "sim/quantize/synthetic_weights.h"

#include <cmath>

#include "sim/quantize/counter_random.h"

namespace lpusim {

namespace {

double laplace_quantile(double p) {
    return p < 0.5 ? portable_log(2 * p) : -portable_log(2 * (1 - p));
}

}  // namespace

const char* name_of(Distribution distribution) {
    switch (distribution) {
        case Distribution::StudentT:
            return "student-t";
        case Distribution::Laplace:
            return "laplace";
        case Distribution::Gaussian:
            break;
    }
    return "gaussian";
}

SyntheticWeights::SyntheticWeights(Distribution distribution, std::uint64_t k, std::uint64_t n,
                                   std::uint64_t seed)
    : distribution_(distribution), k_(k), n_(n), seed_(seed), name_(name_of(distribution)) {}

const float* SyntheticWeights::column(std::uint64_t n, std::vector<float>& scratch) const {
    scratch.resize(k_);
    switch (distribution_) {
        case Distribution::Gaussian:
            fill(scratch, n, normal_quantile);
            break;
        case Distribution::Laplace:
            fill(scratch, n, laplace_quantile);
            break;
        case Distribution::StudentT:
            for (std::uint64_t k = 0; k < k_; ++k) scratch[k] = student_t(n, k);
            break;
    }
    return scratch.data();
}

/// One random number per weight; each random block holds two.
void SyntheticWeights::fill(std::vector<float>& column, std::uint64_t n,
                            double (*quantile)(double)) const {
    for (std::uint64_t k = 0; k < k_; k += 2) {
        const auto [first, second] = random_pair(seed_, n, k / 2);
        column[k] = static_cast<float>(quantile(unit_interval(first)));
        if (k + 1 < k_) column[k + 1] = static_cast<float>(quantile(unit_interval(second)));
    }
}

/// normal / sqrt(chi square / 5); a chi square of 5 is one of 4, -2 log(u v), and the square of a
/// normal.
float SyntheticWeights::student_t(std::uint64_t n, std::uint64_t k) const {
    const auto [r0, r1] = random_pair(seed_, n, 2 * k);
    const auto [r2, r3] = random_pair(seed_, n, 2 * k + 1);
    const double normal = normal_quantile(unit_interval(r1));
    const double chi_square =
        normal * normal - 2 * portable_log(unit_interval(r2) * unit_interval(r3));
    return static_cast<float>(normal_quantile(unit_interval(r0)) * std::sqrt(5 / chi_square));
}

}  // namespace lpusim
