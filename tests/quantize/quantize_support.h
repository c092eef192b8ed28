#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "hw_models/numerics/packing.h"
#include "sim/quantize/tensor_quantizer.h"
#include "tests/numerics/formats.h"
#include "tests/result/scratch_folder.h"

namespace lpusim {

struct NamedFormat {
    std::string name;
    NumberFormat format;

    friend std::ostream& operator<<(std::ostream& out, const NamedFormat& named) {
        return out << named.name;
    }
};

/// Every format that is shipped, and some that are not.
std::vector<NamedFormat> all_formats();

NumberFormat mxfp4();
NumberFormat nvfp4();
NumberFormat bf16();

/// Quantises, packs, unpacks: what the weights become, column after column, and the error measured
/// on the way.
struct RoundTrip {
    QuantizedTensor tensor;
    std::vector<std::uint8_t> bytes;
    std::vector<float> restored;
};
RoundTrip round_trip(const WeightSource& source, const NumberFormat& format,
                     const MatrixTiling& tiling, unsigned threads = 1);
RoundTrip round_trip(const std::vector<float>& column, const NumberFormat& format);

/// Files in a folder.
std::ptrdiff_t entries(const ScratchFolder& folder);

void write_bytes(const std::string& path, const std::string& bytes);

/// What the exception of that type says; a failure if there is none.
template <class Error, class Run>
std::string error_of(Run run) {
    try {
        run();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace lpusim
