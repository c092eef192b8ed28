#include "sim/quantize/packed_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/quantize/file_error.h"
#include "sim/quantize/strict_json.h"
#include "sim/quantize/synthetic_weights.h"
#include "tests/quantize/quantize_support.h"

namespace lpusim {
namespace {

using testing::HasSubstr;

const char* const kFormat = R"({"code":{"fields":[4,3]},"name":"w3p5-g8"})";

NumberFormat format() { return scaled(fields({4, 3}), 8, 16, 8); }

ByteView view(const std::string& bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

std::string little_endian(std::uint64_t value, int size) {
    std::string bytes;
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i));
    return bytes;
}

class PackedFiles : public testing::Test {
protected:
    /// Two tensors, the first in two strips.
    void write(const std::string& path) {
        PackedFileWriter writer(path, kFormat);
        add(writer, "up", 21, 5);
        add(writer, "down", 9, 2);
        writer.finish();
    }
    void add(PackedFileWriter& writer, const std::string& name, std::uint64_t k, std::uint64_t n) {
        const SyntheticWeights source(Distribution::Gaussian, k, n, 3);
        const MatrixTiling tiling = uniform_tiling(k, n, 8, 3);
        writer.begin(name, tiling);
        QuantizeOptions options;
        options.sink = [&writer](ByteView bytes) { writer.append(bytes); };
        writer.end(quantize_tensor(source, format(), tiling, options).tensor_scale);
    }
    std::string whole() {
        write(folder_.file("whole.lpupack"));
        return content_of(folder_.file("whole.lpupack"));
    }
    /// Why a file of these bytes cannot be opened, or its tensors not be read.
    std::string complaint(const std::string& bytes) {
        const std::string path = folder_.file("bad.lpupack");
        write_bytes(path, bytes);
        return error_of<FileError>([&] {
            const PackedFile file(path);
            for (const PackedTensor& tensor : file.index().tensors) {
                file.bytes(tensor, MatrixPacker(format(), tensor.tiling));
            }
        });
    }
    /// The same without a file, which is faster.
    static std::string complaint_in_memory(const std::string& bytes) {
        return error_of<JsonError>([&] {
            for (const PackedTensor& tensor : parse_packed_file(view(bytes)).tensors) {
                const ByteView stored{view(bytes).data + tensor.offset, tensor.bytes};
                if (crc32(stored) != tensor.crc) throw JsonError("checksum");
            }
        });
    }
    ScratchFolder folder_;
};

TEST_F(PackedFiles, GiveBackWhatWasPacked) {
    write(folder_.file("a.lpupack"));
    EXPECT_EQ(entries(folder_), 1) << "nothing is left beside it";
    const PackedFile file(folder_.file("a.lpupack"));
    EXPECT_EQ(file.index().format_json, kFormat);
    ASSERT_EQ(file.index().tensors.size(), 2U);
    const PackedTensor& up = file.index().tensors[0];
    EXPECT_EQ(up.name, "up");
    EXPECT_EQ(up.tiling.k_tiles, (std::vector<std::uint32_t>{8, 8, 5}));
    EXPECT_EQ(up.tiling.strip_columns, 3U);
    EXPECT_EQ(up.tensor_scale, 1.0F);
    EXPECT_EQ(up.offset % 64, 0U);

    const MatrixPacker packer(format(), up.tiling);
    const ByteView bytes = file.bytes(up, packer);
    const SyntheticWeights source(Distribution::Gaussian, 21, 5, 3);
    const RoundTrip expected = round_trip(source, format(), up.tiling);
    EXPECT_TRUE(std::equal(expected.bytes.begin(), expected.bytes.end(), bytes.data));
    EXPECT_EQ(expected.bytes.size(), bytes.size);
}

TEST_F(PackedFiles, HaveTheChecksumOfZlib) { EXPECT_EQ(crc32(view("123456789")), 0xcbf43926U); }

TEST_F(PackedFiles, MayHoldNoTensor) {
    PackedFileWriter(folder_.file("none"), kFormat).finish();
    EXPECT_TRUE(PackedFile(folder_.file("none")).index().tensors.empty());
}

TEST_F(PackedFiles, AppearOnlyWhenWhole) {
    const std::string path = folder_.file("a.lpupack");
    write_bytes(path, "old");
    {
        PackedFileWriter writer(path, kFormat);
        add(writer, "up", 21, 5);
        EXPECT_EQ(content_of(path), "old");
    }
    EXPECT_EQ(content_of(path), "old");
    EXPECT_EQ(entries(folder_), 1);
    write(path);
    EXPECT_NE(content_of(path), "old");
}

TEST_F(PackedFiles, ThatCannotBeWrittenSayWhy) {
    EXPECT_THAT(error_of<FileError>([&] { PackedFileWriter(folder_.file("no/a"), kFormat); }),
                HasSubstr("cannot be written: No such file or directory"));
    EXPECT_THAT(error_of<FileError>([&] { PackedFileWriter(folder_.file("."), kFormat); }),
                HasSubstr("Is a directory"));
    EXPECT_THAT(error_of<FileError>([&] { PackedFileWriter("/dev/full", kFormat); }),
                HasSubstr("is not a regular file"));
    EXPECT_THROW(PackedFileWriter(folder_.file("a"), "[]"), JsonError);
}

TEST_F(PackedFiles, ShowEachFlippedBit) {
    const std::string good = whole();
    ASSERT_EQ(complaint_in_memory(good), "no error");
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << (bit % 8));
        ASSERT_NE(complaint_in_memory(bad), "no error") << "bit " << bit;
    }
}

TEST_F(PackedFiles, NameTheTensorThatIsDamaged) {
    std::string bad = whole();
    ASSERT_EQ(complaint(bad), "no error");
    bad[70] = static_cast<char>(bad[70] ^ 1);
    EXPECT_THAT(complaint(bad),
                HasSubstr("bad.lpupack: tensor 'up': its bytes do not match their checksum"));
}

TEST_F(PackedFiles, ShowTruncationAtEachLength) {
    const std::string good = whole();
    for (std::size_t size = 0; size < good.size(); ++size) {
        ASSERT_NE(complaint_in_memory(good.substr(0, size)), "no error") << size;
    }
    EXPECT_NE(complaint_in_memory(good + '\0'), "no error");
    EXPECT_THAT(complaint(good.substr(0, good.size() - 1)), HasSubstr("is damaged or truncated"));
}

TEST_F(PackedFiles, OfAnotherKindOrVersionAreNamed) {
    EXPECT_THAT(complaint("hello"), HasSubstr("bad.lpupack: is no packed tensor file"));
    std::string newer = whole();
    newer[8] = 2;
    EXPECT_THAT(complaint(newer), HasSubstr("is a packed tensor file of version 2; this program "
                                            "reads version 1"));
}

TEST_F(PackedFiles, ThatDoNotFitTheFormatAreRefused) {
    write(folder_.file("a"));
    const PackedFile file(folder_.file("a"));
    const PackedTensor& up = file.index().tensors[0];
    EXPECT_THAT(error_of<FileError>(
                    [&] { file.bytes(up, MatrixPacker(scaled(fields({4}), 8, 16), up.tiling)); }),
                HasSubstr("but its format and shape make"));
}

// --- Indices that lie, with right checksums

std::string file_with_index(const std::string& index, std::size_t payload = 64) {
    std::string bytes("LPUPACK\n\1\0\0\0\0\0\0\0", 16);
    bytes.resize(64, '\0');
    bytes.resize(64 + (payload + 63) / 64 * 64, '\0');
    const std::uint64_t offset = bytes.size();
    return bytes + index + little_endian(offset, 8) + little_endian(index.size(), 8) +
           little_endian(crc32(view(index)), 4) + "LPUE";
}

std::string lie(const std::string& key, const std::string& value) {
    nlohmann::json tensor = {{"name", "w"},         {"k", 16},     {"n", 8},
                             {"strip_columns", 8},  {"bytes", 64}, {"crc32", 0},
                             {"tensor_scale", 1.0}, {"offset", 64}};
    tensor["k_tiles"] = nlohmann::json::parse("[[16,1]]");
    if (!key.empty()) tensor[key] = nlohmann::json::parse(value);
    const nlohmann::json index = {{"format", nlohmann::json::object()}, {"tensors", {tensor}}};
    const std::string bytes = file_with_index(index.dump());
    return error_of<JsonError>([&] { parse_packed_file(view(bytes)); });
}

TEST(LyingIndex, IsRefused) {
    EXPECT_EQ(lie("", ""), "no error");
    EXPECT_EQ(lie("k", "0"), "tensor 'w': it has no weights");
    EXPECT_EQ(lie("k", "-1"), "tensor 'w': 'k' is negative");
    EXPECT_EQ(lie("k", "65"), "tensor 'w': it has more weights than its bytes can hold");
    EXPECT_EQ(lie("k", "18446744073709551615"),
              "tensor 'w': it has more weights than its bytes can hold");
    EXPECT_EQ(lie("n", "18446744073709551615"),
              "tensor 'w': it has more weights than its bytes can hold");
    EXPECT_EQ(lie("k", "17"), "tensor 'w': its tiles do not add up to K");
    EXPECT_EQ(lie("strip_columns", "0"), "tensor 'w': it has no weights");
    EXPECT_EQ(lie("k_tiles", "[[1,1000000000000]]"), "tensor 'w': it has more tiles than bytes");
    EXPECT_EQ(lie("k_tiles", "[[4,4],[0,1]]"), "tensor 'w': a tile's length is out of range");
    EXPECT_EQ(lie("k_tiles", "[[16]]"), "tensor 'w': a run of tiles is no pair");
    EXPECT_EQ(lie("k_tiles", "[[8589934592,1]]"), "tensor 'w': a tile's length is out of range");
    EXPECT_EQ(lie("bytes", "128"), "tensor 'w': its bytes are not where they belong");
    EXPECT_EQ(lie("bytes", "18446744073709551615"),
              "tensor 'w': its bytes are not where they belong");
    EXPECT_EQ(lie("offset", "0"), "tensor 'w': its bytes are not where they belong");
    EXPECT_EQ(lie("crc32", "4294967296"), "tensor 'w': 'crc32' is out of range");
    EXPECT_EQ(lie("tensor_scale", "0"), "tensor 'w': 'tensor_scale' is out of range");
    EXPECT_EQ(lie("tensor_scale", "1e300"), "tensor 'w': 'tensor_scale' is out of range");
    EXPECT_EQ(lie("tensor_scale", "\"1\""), "tensor 'w': 'tensor_scale' is no number");
    EXPECT_EQ(lie("name", "7"), "'name' is no text");
    EXPECT_EQ(lie("name", "\"\""), "tensor '': no tensor may be called so");
    EXPECT_EQ(lie("name", "\"__metadata__\""), "tensor '__metadata__': no tensor may be called so");
}

TEST(LyingIndex, HasTheSameNameTwice) {
    nlohmann::json first = {{"name", "w"},         {"k", 16},     {"n", 8},
                            {"strip_columns", 8},  {"bytes", 64}, {"crc32", 0},
                            {"tensor_scale", 1.0}, {"offset", 64}};
    first["k_tiles"] = nlohmann::json::parse("[[16,1]]");
    nlohmann::json second = first;
    second["offset"] = 128;
    const auto complaint = [&] {
        const nlohmann::json index = {{"format", nlohmann::json::object()},
                                      {"tensors", {first, second}}};
        const std::string bytes = file_with_index(index.dump(), 128);
        return error_of<JsonError>([&] { parse_packed_file(view(bytes)); });
    };
    EXPECT_EQ(complaint(), "tensor 'w': another one has the same name");
    second["name"] = "v";
    EXPECT_EQ(complaint(), "no error");
}

TEST(LyingIndex, IsNoJsonOrLacksItsParts) {
    const auto complaint = [](const std::string& index) {
        const std::string bytes = file_with_index(index);
        return error_of<JsonError>([&] { parse_packed_file(view(bytes)); });
    };
    EXPECT_THAT(complaint("{"), HasSubstr("is no JSON"));
    EXPECT_EQ(complaint("{}"), "has no 'format'");
    EXPECT_EQ(complaint(R"({"format":1,"tensors":[]})"), "'format' is no object");
    EXPECT_EQ(complaint(R"({"format":{},"tensors":{}})"), "'tensors' is no list");
    EXPECT_EQ(complaint(R"({"format":{},"tensors":[]})"), "has bytes that belong to no tensor");
    EXPECT_EQ(complaint(std::string(1000, '[')), "is nested deeper than 16 levels");
}

}  // namespace
}  // namespace lpusim
