#include "sim/quantize/safetensors.h"

#include <cstddef>
#include <cstdint>

#include "sim/quantize/strict_json.h"

// Any bytes are a list of tensors inside them, or a JsonError.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const lpusim::ByteView file{data, size};
    try {
        std::uint64_t bytes = 8;
        for (const lpusim::TensorEntry& tensor : lpusim::parse_safetensors(file)) {
            // Touches the ends, for the address sanitizer.
            if (tensor.bytes.size > 0) {
                bytes += tensor.bytes.data[0] & tensor.bytes.data[tensor.bytes.size - 1] & 0U;
            }
            bytes += tensor.bytes.size;
        }
        if (bytes > size) __builtin_trap();
    } catch (const lpusim::JsonError&) {
        return 0;
    }
    return 0;
}
