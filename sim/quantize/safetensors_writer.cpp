#include "sim/quantize/safetensors_writer.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace lpusim {

namespace {

constexpr std::uint64_t kChunk = 16384;

void put_little_endian(std::uint64_t value, std::uint32_t size, std::vector<std::uint8_t>& bytes) {
    for (std::uint32_t i = 0; i < size; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(const std::string& path, const std::vector<Matrix>& matrices)
    : file_(path) {
    nlohmann::json header = nlohmann::json::object();
    for (const Matrix& matrix : matrices) {
        const std::uint64_t begin = 4 * weights_left_;
        weights_left_ += matrix.k * matrix.n;
        header[matrix.name] = {{"dtype", "F32"},
                               {"shape", {matrix.n, matrix.k}},
                               {"data_offsets", {begin, 4 * weights_left_}}};
    }
    std::string text = header.dump();
    // Readers like the numbers to begin on a multiple of eight bytes.
    text.resize((text.size() + 7) / 8 * 8, ' ');
    std::vector<std::uint8_t> length;
    put_little_endian(text.size(), 8, length);
    file_.append(ByteView{length.data(), length.size()});
    file_.append(text);
}

void SafetensorsWriter::append(const float* weights, std::uint64_t count) {
    if (count > weights_left_) throw std::logic_error("more weights than announced");
    weights_left_ -= count;
    std::vector<std::uint8_t> bytes;
    for (std::uint64_t begin = 0; begin < count; begin += kChunk) {
        bytes.clear();
        for (std::uint64_t i = begin; i < std::min(count, begin + kChunk); ++i) {
            std::uint32_t bits = 0;
            std::memcpy(&bits, weights + i, sizeof bits);
            put_little_endian(bits, sizeof bits, bytes);
        }
        file_.append(ByteView{bytes.data(), bytes.size()});
    }
}

void SafetensorsWriter::finish() {
    if (weights_left_ != 0) throw std::logic_error("fewer weights than announced");
    file_.commit();
}

}  // namespace lpusim
