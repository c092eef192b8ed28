#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace lpusim {

/// A weight cannot be quantised; the message names the tensor and the index.
class WeightError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A weight of a column that is NaN or infinite.
class NonFiniteWeight : public std::runtime_error {
public:
    NonFiniteWeight(std::uint64_t k, float value);
    std::uint64_t k() const { return k_; }

private:
    std::uint64_t k_;
};

/// The weights of one matrix of K rows (the dimension that is summed over) and N columns (outputs).
/// Columns may be read by several threads at once.
class WeightSource {
public:
    WeightSource() = default;
    virtual ~WeightSource() = default;
    WeightSource(const WeightSource&) = delete;
    WeightSource& operator=(const WeightSource&) = delete;

    virtual const std::string& name() const = 0;
    virtual std::uint64_t k() const = 0;
    virtual std::uint64_t n() const = 0;

    /// The k() weights of a column: where they lie, or copied to `scratch`, valid until it changes.
    virtual const float* column(std::uint64_t n, std::vector<float>& scratch) const = 0;

    /// An index as the source's own users would write it.
    virtual std::string index_text(std::uint64_t k, std::uint64_t n) const {
        return "[k = " + std::to_string(k) + ", n = " + std::to_string(n) + "]";
    }
};

[[noreturn]] void throw_weight_error(const WeightSource& source, std::uint64_t n,
                                     const NonFiniteWeight& bad);

/// Does work on column n; if it meets a weight that is not finite, says whose. Throws WeightError.
template <class Work>
void on_column(const WeightSource& source, std::uint64_t n, Work work) {
    try {
        work();
    } catch (const NonFiniteWeight& bad) {
        throw_weight_error(source, n, bad);
    }
}

/// Weights in memory, column after column.
class WeightMatrix : public WeightSource {
public:
    WeightMatrix(std::string name, std::uint64_t k, std::uint64_t n, std::vector<float> weights)
        : name_(std::move(name)), k_(k), n_(n), weights_(std::move(weights)) {
        if (weights_.size() != k * n) throw std::invalid_argument(name_ + ": not K * N weights");
    }

    const std::string& name() const override { return name_; }
    std::uint64_t k() const override { return k_; }
    std::uint64_t n() const override { return n_; }
    const float* column(std::uint64_t n, std::vector<float>& /*scratch*/) const override {
        return weights_.data() + n * k_;
    }

private:
    std::string name_;
    std::uint64_t k_;
    std::uint64_t n_;
    std::vector<float> weights_;
};

}  // namespace lpusim
