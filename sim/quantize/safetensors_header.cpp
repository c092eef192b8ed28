#include <algorithm>
#include <limits>
#include <utility>

#include "sim/quantize/safetensors.h"
#include "sim/quantize/strict_json.h"

namespace lpusim {

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLengthBytes = 8;
/// The limit of the reference implementation.
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

struct Dtype {
    const char* name;
    std::uint32_t bits;
};
/// All dtypes of safetensors 0.6.
constexpr Dtype kDtypes[] = {
    {"BOOL", 8}, {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
    {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"I16", 16},
    {"U16", 16}, {"F16", 16},    {"BF16", 16},   {"I32", 32},    {"U32", 32},
    {"F32", 32}, {"F64", 64},    {"I64", 64},    {"U64", 64},    {"C64", 64},
};

[[noreturn]] void fail(const std::string& tensor, const std::string& message) {
    throw JsonError("tensor " + shown_name(tensor) + ": " + message);
}

std::string_view header_text(ByteView file) {
    if (file.size < kLengthBytes) {
        throw JsonError("is too short for a safetensors file (" + std::to_string(file.size) +
                        " bytes)");
    }
    const std::uint64_t length = load_le64(file.data);
    if (length > file.size - kLengthBytes) {
        throw JsonError("its header of " + std::to_string(length) + " bytes reaches beyond its " +
                        std::to_string(file.size) + " bytes");
    }
    if (length > kMaxHeaderBytes) {
        throw JsonError("its header has " + std::to_string(length) + " bytes; " +
                        std::to_string(kMaxHeaderBytes) + " are allowed");
    }
    return {reinterpret_cast<const char*>(file.data + kLengthBytes), length};
}

std::uint32_t bits_of(const std::string& tensor, const std::string& dtype) {
    const auto* found = std::find_if(std::begin(kDtypes), std::end(kDtypes),
                                     [&](const Dtype& known) { return dtype == known.name; });
    if (found == std::end(kDtypes)) fail(tensor, "unknown dtype " + shown_name(dtype));
    return found->bits;
}

std::uint64_t bytes_of(const TensorEntry& entry) {
    const std::uint32_t element_bits = bits_of(entry.name, entry.dtype);
    // An axis of no elements makes any other length harmless.
    if (std::find(entry.shape.begin(), entry.shape.end(), 0U) != entry.shape.end()) return 0;
    std::uint64_t bits = element_bits;
    for (const std::uint64_t axis : entry.shape) {
        if (bits > std::numeric_limits<std::uint64_t>::max() / axis) {
            fail(entry.name, "its shape has more elements than 64 bits can count");
        }
        bits *= axis;
    }
    if (bits % 8 != 0) fail(entry.name, "its elements do not fill whole bytes");
    return bits / 8;
}

/// [begin, end) in the data behind the header.
ByteView place_of(const TensorEntry& entry, const Json& offsets, ByteView data) {
    if (as_array(offsets, "'data_offsets'").size() != 2)
        fail(entry.name, "'data_offsets' is no pair");
    const std::uint64_t begin = as_count(offsets[0], "a data offset");
    const std::uint64_t end = as_count(offsets[1], "a data offset");
    const std::string range = "bytes " + std::to_string(begin) + " to " + std::to_string(end);
    if (begin > end) fail(entry.name, range + " end before they begin");
    if (end > data.size) {
        fail(entry.name, range + " reach beyond the " + std::to_string(data.size) +
                             " bytes of data; is the file truncated?");
    }
    const std::uint64_t expected = bytes_of(entry);
    if (end - begin != expected) {
        fail(entry.name,
             range + " are not the " + std::to_string(expected) + " of its shape and dtype");
    }
    return {data.data + begin, end - begin};
}

TensorEntry read_entry(const std::string& name, const Json& value, ByteView data) {
    TensorEntry entry;
    entry.name = name;
    try {
        entry.dtype = as_text(member(value, "dtype"), "'dtype'");
        for (const Json& axis : as_array(member(value, "shape"), "'shape'")) {
            entry.shape.push_back(as_count(axis, "an axis"));
        }
        // Throws with the tensor's name, or without it.
        entry.bytes = place_of(entry, member(value, "data_offsets"), data);
    } catch (const JsonError& error) {
        const std::string message = error.what();
        if (message.rfind("tensor '", 0) == 0) throw;
        fail(name, message);
    }
    return entry;
}

void check_metadata(const Json& metadata) {
    if (!metadata.is_object()) throw JsonError("'__metadata__' is no object");
    for (const auto& entry : metadata.items()) {
        as_text(entry.value(), "a value of '__metadata__'");
    }
}

/// Neither overlaps nor gaps. `tensors` are in the order of their bytes.
void check_coverage(const std::vector<TensorEntry>& tensors, ByteView data) {
    std::uint64_t covered = 0;
    const std::string* before = nullptr;
    for (const TensorEntry& tensor : tensors) {
        const auto begin = static_cast<std::uint64_t>(tensor.bytes.data - data.data);
        if (begin < covered) fail(tensor.name, "its bytes overlap those of " + shown_name(*before));
        if (begin > covered) fail(tensor.name, "there is a gap in front of its bytes");
        covered += tensor.bytes.size;
        before = &tensor.name;
    }
    if (covered != data.size) {
        throw JsonError(std::to_string(data.size - covered) +
                        " bytes at its end belong to no tensor");
    }
}

}  // namespace

std::vector<TensorEntry> parse_safetensors(ByteView file) {
    const std::string_view text = header_text(file);
    const ByteView data = file.from(kLengthBytes + text.size());
    Json header;
    try {
        header = parse_strict_json(text);
    } catch (const JsonError& error) {
        throw JsonError(std::string("its header ") + error.what());
    }
    if (!header.is_object()) throw JsonError("its header is no JSON object");
    std::vector<TensorEntry> tensors;
    for (const auto& item : header.items()) {
        if (item.key() == "__metadata__") {
            check_metadata(item.value());
        } else {
            tensors.push_back(read_entry(item.key(), item.value(), data));
        }
    }
    std::sort(tensors.begin(), tensors.end(), [](const TensorEntry& a, const TensorEntry& b) {
        return std::make_pair(a.bytes.data, a.bytes.size) <
               std::make_pair(b.bytes.data, b.bytes.size);
    });
    check_coverage(tensors, data);
    return tensors;
}

}  // namespace lpusim
