#include "sim/quantize/tensor_quantizer.h"

#include <algorithm>
#include <stdexcept>

#include "sim/quantize/column_quantizer.h"
#include "sim/quantize/parallel.h"

namespace lpusim {

namespace {

/// Columns that a thread takes at once.
constexpr std::uint64_t kBlock = 16;

class TensorJob {
public:
    TensorJob(const WeightSource& source, const NumberFormat& format, const MatrixTiling& tiling,
              const QuantizeOptions& options)
        : source_(source), options_(options), packer_(format, tiling), quantizer_(packer_) {
        if (tiling.k != source.k() || tiling.n != source.n()) {
            throw std::invalid_argument(source.name() + ": the tiling has another shape");
        }
    }

    QuantizedTensor run() {
        if (packer_.format().tensor_scale) result_.tensor_scale = find_tensor_scale();
        for (std::uint64_t i = 0; i < packer_.strips(); ++i) quantize_strip(packer_.strip(i));
        result_.packed_bytes = packer_.bytes();
        return result_;
    }

private:
    template <class Work>
    void for_columns(const Strip& strip, Work work) const {
        parallel_blocks(
            strip.columns, kBlock, options_.threads, [&](std::uint64_t begin, std::uint64_t end) {
                Scratch scratch;
                for (std::uint64_t i = begin; i < end; ++i) {
                    on_column(source_, strip.first_column + i, [&] { work(i, scratch); });
                }
            });
    }

    float find_tensor_scale() const {
        std::vector<double> scales(packer_.tiling().n);
        for (std::uint64_t i = 0; i < packer_.strips(); ++i) {
            const Strip strip = packer_.strip(i);
            for_columns(strip, [&](std::uint64_t column, Scratch& scratch) {
                const std::uint64_t n = strip.first_column + column;
                scales[n] = quantizer_.outermost_scale(source_.column(n, scratch.weights));
            });
        }
        const auto largest = std::max_element(scales.begin(), scales.end());
        return quantizer_.tensor_scale(largest == scales.end() ? 0 : *largest);
    }

    void quantize_strip(const Strip& strip) {
        const bool pack = options_.sink != nullptr;
        bytes_.resize(pack ? strip.bytes : 0);
        std::vector<QuantizationError> errors(strip.columns);
        for_columns(strip, [&](std::uint64_t column, Scratch& scratch) {
            scratch.prepare(packer_, options_.measure);
            const float* weights = source_.column(strip.first_column + column, scratch.weights);
            float* restored = options_.measure ? scratch.restored.data() : nullptr;
            const std::uint64_t clipped =
                quantizer_.quantize(weights, result_.tensor_scale, scratch.column, restored);
            if (options_.measure) {
                errors[column] = error_of(weights, restored, packer_.tiling().k);
                errors[column].clipped = clipped;
            }
            if (pack) packer_.pack(strip, column, scratch.column, bytes_.data());
        });
        for (const QuantizationError& error : errors) result_.error += error;
        if (pack) options_.sink({bytes_.data(), bytes_.size()});
        if (options_.progress) options_.progress(strip.first_column + strip.columns);
    }

    struct Scratch {
        void prepare(const MatrixPacker& packer, bool measure) {
            if (column.codes.size() != packer.tiling().k) column = packer.blank_column();
            if (measure) restored.resize(packer.tiling().k);
        }
        std::vector<float> weights;
        std::vector<float> restored;
        ColumnCodes column;
    };

    const WeightSource& source_;
    const QuantizeOptions& options_;
    MatrixPacker packer_;
    ColumnQuantizer quantizer_;
    std::vector<std::uint8_t> bytes_;
    QuantizedTensor result_;
};

}  // namespace

QuantizedTensor quantize_tensor(const WeightSource& source, const NumberFormat& format,
                                const MatrixTiling& tiling, const QuantizeOptions& options) {
    return TensorJob(source, format, tiling, options).run();
}

void restore_strip(const MatrixPacker& packer, const Strip& strip, ByteView strip_bytes,
                   float tensor_scale, unsigned threads, float* weights) {
    const ColumnQuantizer quantizer(packer);
    const std::uint64_t k = packer.tiling().k;
    const bool int8 = packer.format().operand_bytes == 1;
    parallel_blocks(strip.columns, kBlock, threads, [&](std::uint64_t begin, std::uint64_t end) {
        ColumnCodes column = packer.blank_column();
        std::vector<std::int8_t> operands(int8 ? k : 0);
        for (std::uint64_t i = begin; i < end; ++i) {
            float* destination = weights + i * k;
            if (int8) {
                std::uint32_t* metadata = column.metadata.data();
                packer.unpack_int8(strip, i, strip_bytes, operands.data(), metadata);
                quantizer.dequantize(operands.data(), metadata, tensor_scale, destination);
            } else {
                packer.unpack(strip, i, strip_bytes, column);
                quantizer.dequantize(column, tensor_scale, destination);
            }
        }
    });
}

}  // namespace lpusim
