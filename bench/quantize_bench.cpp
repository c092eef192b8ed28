// Quantising and packing, and unpacking, in GB/s of the FP32 weights that they stand for, beside a
// memcpy of these weights right before. One thread, in seconds of its processor, so that others who
// use the machine count little; and quantising with one thread per processor, as `lpusim pack`
// does, in seconds of wall time. The best of several rounds.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "hw_models/numerics/packing.h"
#include "sim/quantize/synthetic_weights.h"
#include "sim/quantize/tensor_quantizer.h"

namespace {

using lpusim::MatrixPacker;
using lpusim::NumberFormat;

constexpr std::uint64_t kRows = 8192;
constexpr std::uint64_t kColumns = 4096;
constexpr std::uint64_t kWeights = kRows * kColumns;
constexpr int kRounds = 7;

NumberFormat make_format(std::vector<std::uint32_t> fields, std::vector<std::uint32_t> radix,
                         std::uint32_t group, std::uint32_t zero_point_bits) {
    NumberFormat format;
    format.code.field_bits = std::move(fields);
    format.code.radix_levels = std::move(radix);
    format.group_size = group;
    format.scales = {{group, 16}};
    format.zero_point_bits = zero_point_bits;
    return format;
}

NumberFormat make_fp4(std::uint32_t group, lpusim::MetadataKind scale, bool tensor_scale) {
    NumberFormat format = make_format({4}, {}, group, 0);
    format.code.kind = lpusim::CodeKind::Float;
    format.scales = {{group, 8, scale}};
    format.tensor_scale = tensor_scale;
    return format;
}

std::vector<std::pair<std::string, NumberFormat>> formats() {
    return {
        {"int8, column", make_format({8}, {}, 0, 0)},
        {"int4, column", make_format({4}, {}, 0, 0)},
        {"int4, groups of 64", make_format({4}, {}, 64, 0)},
        {"int4 asymmetric, groups of 64", make_format({4}, {}, 64, 16)},
        {"4+3, column", make_format({4, 3}, {}, 0, 16)},
        {"4+3, groups of 64", make_format({4, 3}, {}, 64, 16)},
        {"11x11, groups of 64", make_format({}, {11, 11}, 64, 16)},
        {"[4,3,3,3], groups of 64", make_format({4, 3, 3, 3}, {}, 64, 16)},
        {"int3, groups of 64", make_format({3}, {}, 64, 0)},
        {"mxfp4", make_fp4(32, lpusim::MetadataKind::PowerOfTwo, false)},
        {"nvfp4", make_fp4(16, lpusim::MetadataKind::Fp8E4m3, true)},
    };
}

double seconds_of_processor() {
    return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

double seconds_of_wall() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

/// GB/s of FP32 weights, the best of the rounds.
template <class Run>
double speed_of(double (*clock)(), Run run) {
    double best = 0;
    for (int round = 0; round < kRounds; ++round) {
        const double begin = clock();
        run();
        best = std::max(best, 4e-9 * static_cast<double>(kWeights) / (clock() - begin));
    }
    return best;
}

lpusim::WeightMatrix gaussian() {
    const lpusim::SyntheticWeights source(lpusim::Distribution::Gaussian, kRows, kColumns, 1);
    std::vector<float> weights;
    std::vector<float> scratch;
    for (std::uint64_t n = 0; n < kColumns; ++n) {
        const float* column = source.column(n, scratch);
        weights.insert(weights.end(), column, column + kRows);
    }
    return {"gaussian", kRows, kColumns, std::move(weights)};
}

double memcpy_speed(const float* weights) {
    std::vector<float> copy(kWeights);
    return speed_of(seconds_of_processor, [&] {
        std::memcpy(copy.data(), weights, kWeights * sizeof(float));
        // The compiler must believe that the copy is read.
        asm volatile("" : : "r"(copy.data()) : "memory");
    });
}

void report(const std::string& name, const NumberFormat& format,
            const lpusim::WeightMatrix& matrix) {
    std::vector<float> unused;
    const double copy = memcpy_speed(matrix.column(0, unused));
    const lpusim::MatrixTiling tiling = lpusim::uniform_tiling(kRows, kColumns, 320, 1280);
    std::vector<std::uint8_t> packed;
    lpusim::QuantizeOptions options;
    options.measure = false;
    options.sink = [&packed](lpusim::ByteView bytes) {
        packed.insert(packed.end(), bytes.data, bytes.data + bytes.size);
    };
    const auto pack_speed = [&](unsigned threads) {
        options.threads = threads;
        return speed_of(threads == 1 ? seconds_of_processor : seconds_of_wall, [&] {
            packed.clear();
            quantize_tensor(matrix, format, tiling, options);
        });
    };
    const double pack_alone = pack_speed(1);
    const double pack_all = pack_speed(0);

    const MatrixPacker packer(format, tiling);
    std::vector<std::int8_t> operands(kWeights);
    std::vector<std::uint32_t> metadata(packer.metadata().size());
    const double unpack_speed = speed_of(seconds_of_processor, [&] {
        for (std::uint64_t i = 0; i < packer.strips(); ++i) {
            const lpusim::Strip strip = packer.strip(i);
            for (std::uint64_t column = 0; column < strip.columns; ++column) {
                packer.unpack_int8(strip, column, {packed.data() + strip.offset, strip.bytes},
                                   operands.data() + (strip.first_column + column) * kRows,
                                   metadata.data());
            }
        }
    });
    const double percent = 100 / copy;
    std::printf("| %s | %.2f | %.2f | %.0f %% | %.2f | %.0f %% | %.2f | %.0f %% |\n", name.c_str(),
                copy, pack_alone, percent * pack_alone, pack_all, percent * pack_all, unpack_speed,
                percent * unpack_speed);
    std::fflush(stdout);
}

void run() {
    const lpusim::WeightMatrix matrix = gaussian();
    std::printf(
        "| format | memcpy, GB/s | quantise + pack, GB/s | of memcpy | with all processors | of "
        "memcpy | unpack, GB/s | of memcpy |\n"
        "|---|---|---|---|---|---|---|---|\n");
    for (const auto& [name, format] : formats()) report(name, format, matrix);
}

}  // namespace

int main() {
    try {
        run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
