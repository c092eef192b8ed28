#include "sim/quantize/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/quantize/file_error.h"
#include "sim/quantize/safetensors_writer.h"
#include "sim/quantize/strict_json.h"
#include "tests/quantize/quantize_support.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string little_endian(std::uint64_t value) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i));
    return bytes;
}

std::string file_of(const std::string& header, const std::string& data) {
    return little_endian(header.size()) + header + data;
}

ByteView view(const std::string& bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

std::string complaint(const std::string& bytes) {
    return error_of<JsonError>([&] { parse_safetensors(view(bytes)); });
}

/// Of a file with this header and so many bytes of data.
std::string complaint(const std::string& header, std::size_t data) {
    return complaint(file_of(header, std::string(data, '\0')));
}

std::string entry(const std::string& shape, const std::string& offsets,
                  const std::string& dtype = "F32") {
    return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
           "}";
}

class SafetensorsFiles : public testing::Test {
protected:
    std::string write(const std::string& bytes) const {
        write_bytes(folder_.file("model.safetensors"), bytes);
        return folder_.file("model.safetensors");
    }
    ScratchFolder folder_;
};

// --- What is read

TEST_F(SafetensorsFiles, AreReadByColumn) {
    // [2, 3] = two outputs of three inputs, BF16: 1 2 3 / -1 -2 -3.
    const std::string data("\x80\x3f\x00\x40\x40\x40\x80\xbf\x00\xc0\x40\xc0", 12);
    const SafetensorsFile file(write(file_of(
        R"({"__metadata__":{"format":"pt"},"w":)" + entry("[2,3]", "[0,12]", "BF16") + "}  ",
        data)));
    ASSERT_EQ(file.tensors().size(), 1U);
    EXPECT_EQ(file.tensors()[0].dtype, "BF16");
    std::vector<float> scratch;
    const auto columns = [&](Orientation orientation) {
        const auto source = file.weights(file.tensors()[0], orientation);
        std::vector<std::vector<float>> all;
        for (std::uint64_t n = 0; n < source->n(); ++n) {
            const float* column = source->column(n, scratch);
            all.emplace_back(column, column + source->k());
        }
        return all;
    };
    EXPECT_THAT(columns(Orientation::OutIn),
                ElementsAre(ElementsAre(1, 2, 3), ElementsAre(-1, -2, -3)));
    EXPECT_THAT(columns(Orientation::InOut),
                ElementsAre(ElementsAre(1, -1), ElementsAre(2, -2), ElementsAre(3, -3)));
    EXPECT_EQ(file.weights(file.tensors()[0], Orientation::OutIn)->index_text(2, 1), "[1, 2]");
    EXPECT_EQ(file.weights(file.tensors()[0], Orientation::InOut)->index_text(1, 2), "[1, 2]");
}

TEST_F(SafetensorsFiles, OutliveTheirObject) {
    std::unique_ptr<WeightSource> source;
    {
        const SafetensorsFile file(write(
            file_of("{\"w\":" + entry("[1,1]", "[0,4]") + "}", std::string("\0\0\x80\x3f", 4))));
        source = file.weights(file.tensors()[0], Orientation::OutIn);
    }
    std::vector<float> scratch;
    EXPECT_EQ(*source->column(0, scratch), 1.0F);
}

TEST_F(SafetensorsFiles, AreListedInTheOrderOfTheirBytesAndFoundByPattern) {
    const SafetensorsFile file(
        write(file_of("{\"a.up\":" + entry("[1]", "[8,12]") + ",\"b.up\":" + entry("[2]", "[0,8]") +
                          ",\"b.norm\":" + entry("[0,7]", "[12,12]", "I64") + "}",
                      std::string(12, '\0'))));
    EXPECT_EQ(file.tensors()[0].name, "b.up");
    EXPECT_EQ(file.tensors()[1].name, "a.up");
    const auto names = [&](const std::string& glob) {
        std::vector<std::string> found;
        for (const TensorEntry* tensor : file.matching(glob)) found.push_back(tensor->name);
        return found;
    };
    EXPECT_THAT(names("*"), ElementsAre("b.up", "a.up", "b.norm"));
    EXPECT_THAT(names("*.up"), ElementsAre("b.up", "a.up"));
    EXPECT_THAT(names("[b-z].*"), ElementsAre("b.up", "b.norm"));
    EXPECT_THAT(names("up"), IsEmpty());
}

TEST_F(SafetensorsFiles, SayWhatIsNoMatrixOfWeights) {
    const SafetensorsFile file(write(file_of("{\"a\":" + entry("[1]", "[0,4]") +
                                                 ",\"b\":" + entry("[1,1]", "[4,12]", "I64") +
                                                 ",\"c\":" + entry("[0,5]", "[12,12]") + "}",
                                             std::string(12, '\0'))));
    const auto refusal = [&](std::size_t i) {
        return error_of<FileError>([&] { file.weights(file.tensors()[i], Orientation::OutIn); });
    };
    EXPECT_THAT(refusal(0), HasSubstr("tensor 'a' has 1 axes; a matrix has 2"));
    EXPECT_THAT(refusal(1), HasSubstr("tensor 'b' holds I64; weights are F32, F16 or BF16"));
    EXPECT_THAT(refusal(2), HasSubstr("tensor 'c' is empty"));
}

TEST_F(SafetensorsFiles, ThatWeWriteAreRead) {
    const std::string path = folder_.file("out.safetensors");
    SafetensorsWriter writer(path, {{"x.down", 3, 2}, {"a \"quoted\"", 1, 1}});
    const std::vector<float> first = {1, 2, 3, 4, 5, 6};
    writer.append(first.data(), 4);
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_THROW(writer.finish(), std::logic_error);
    writer.append(first.data() + 4, 2);
    const float last = -0.5F;
    writer.append(&last, 1);
    EXPECT_THROW(writer.append(&last, 1), std::logic_error);
    writer.finish();

    const SafetensorsFile file(path);
    std::vector<float> scratch;
    const auto down = file.weights(*file.matching("x.down").at(0), Orientation::OutIn);
    EXPECT_EQ(down->k(), 3U);
    EXPECT_EQ(down->n(), 2U);
    const float* column = down->column(1, scratch);
    EXPECT_THAT(std::vector<float>(column, column + 3), ElementsAre(4, 5, 6));
    const auto other = file.weights(*file.matching("a*").at(0), Orientation::OutIn);
    EXPECT_EQ(*other->column(0, scratch), -0.5F);
    EXPECT_EQ(entries(folder_), 1);
}

TEST_F(SafetensorsFiles, ThatCannotBeOpenedSayWhy) {
    const auto refusal = [](const std::string& path) {
        return error_of<FileError>([&] { SafetensorsFile file(path); });
    };
    EXPECT_EQ(refusal("/no/such"), "/no/such: cannot be read: No such file or directory");
    EXPECT_EQ(refusal("/"), "/: cannot be read: Is a directory");
    EXPECT_EQ(refusal("/dev/null"), "/dev/null: is not a regular file");
    EXPECT_THAT(refusal(write("")), HasSubstr("is too short for a safetensors file (0 bytes)"));
}

// --- What is refused

TEST(HostileSafetensors, HeaderLength) {
    EXPECT_EQ(complaint("1234567"), "is too short for a safetensors file (7 bytes)");
    EXPECT_EQ(complaint(little_endian(3) + "{}"),
              "its header of 3 bytes reaches beyond its 10 bytes");
    EXPECT_THAT(complaint(std::string(8, '\xff') + "{}"),
                HasSubstr("header of 18446744073709551615 bytes reaches beyond"));
    std::string huge;
    huge.resize(100'000'001, ' ');
    EXPECT_THAT(complaint(file_of(huge, "")), HasSubstr("100000000 are allowed"));
}

TEST(HostileSafetensors, Json) {
    EXPECT_EQ(complaint("", 0), "its header is no JSON: error at byte 1");
    EXPECT_THAT(complaint("{", 0), HasSubstr("its header is no JSON: error at byte"));
    EXPECT_THAT(complaint("{} x", 0), HasSubstr("is no JSON"));
    EXPECT_THAT(complaint("{\"\xff\":1}", 0), HasSubstr("is no JSON"));
    EXPECT_EQ(complaint("[]", 0), "its header is no JSON object");
    EXPECT_EQ(complaint("17", 0), "its header is no JSON object");
    EXPECT_EQ(complaint(std::string(1'000'000, '['), 0),
              "its header is nested deeper than 16 levels");
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
    EXPECT_EQ(complaint(deep, 0), "its header is nested deeper than 16 levels");
}

TEST(HostileSafetensors, DuplicateNames) {
    const std::string one = "\"w\":" + entry("[1]", "[0,4]");
    EXPECT_EQ(complaint("{" + one + "," + one + "}", 4),
              "its header has the key 'w' twice in one object");
    EXPECT_EQ(complaint(R"({"w":{"dtype":"F32","dtype":"F32"}})", 0),
              "its header has the key 'dtype' twice in one object");
}

TEST(HostileSafetensors, MissingAndMistypedKeys) {
    EXPECT_EQ(complaint(R"({"w":3})", 0), "tensor 'w': is no object with 'dtype'");
    EXPECT_EQ(complaint(R"({"w":{"shape":[],"data_offsets":[0,0]}})", 0),
              "tensor 'w': has no 'dtype'");
    EXPECT_EQ(complaint(R"({"w":{"dtype":7,"shape":[],"data_offsets":[0,0]}})", 0),
              "tensor 'w': 'dtype' is no text");
    EXPECT_EQ(complaint("{\"w\":" + entry("{}", "[0,0]") + "}", 0),
              "tensor 'w': 'shape' is no list");
    EXPECT_EQ(complaint("{\"w\":" + entry("[\"2\"]", "[0,0]") + "}", 0),
              "tensor 'w': an axis is no whole number below 2^64");
    EXPECT_EQ(complaint("{\"w\":" + entry("[2.5]", "[0,0]") + "}", 0),
              "tensor 'w': an axis is no whole number below 2^64");
    EXPECT_EQ(complaint("{\"w\":" + entry("[1]", "[0]") + "}", 0),
              "tensor 'w': 'data_offsets' is no pair");
    EXPECT_EQ(complaint(R"({"__metadata__":[]})", 0), "'__metadata__' is no object");
    EXPECT_EQ(complaint(R"({"__metadata__":{"a":1}})", 0), "a value of '__metadata__' is no text");
}

TEST(HostileSafetensors, Dtypes) {
    EXPECT_EQ(complaint("{\"w\":" + entry("[1]", "[0,4]", "F31") + "}", 4),
              "tensor 'w': unknown dtype 'F31'");
    EXPECT_EQ(complaint("{\"w\":" + entry("[1]", "[0,4]", "F16") + "}", 4),
              "tensor 'w': bytes 0 to 4 are not the 2 of its shape and dtype");
    EXPECT_EQ(complaint("{\"w\":" + entry("[3]", "[0,2]", "F4") + "}", 2),
              "tensor 'w': its elements do not fill whole bytes");
}

TEST(HostileSafetensors, Offsets) {
    const auto with = [](const std::string& offsets) {
        return complaint("{\"w\":" + entry("[2]", offsets) + "}", 8);
    };
    EXPECT_EQ(with("[0,8]"), "no error");
    EXPECT_EQ(with("[-1,7]"), "tensor 'w': a data offset is negative");
    EXPECT_EQ(with("[8,0]"), "tensor 'w': bytes 8 to 0 end before they begin");
    EXPECT_EQ(with("[4,12]"),
              "tensor 'w': bytes 4 to 12 reach beyond the 8 bytes of data; is the file truncated?");
    EXPECT_EQ(with("[0,18446744073709551615]"),
              "tensor 'w': bytes 0 to 18446744073709551615 reach beyond the 8 bytes of data; is "
              "the file truncated?");
    EXPECT_EQ(with("[0,18446744073709551616]"),
              "tensor 'w': a data offset is no whole number below 2^64");
    EXPECT_EQ(with("[0,7]"), "tensor 'w': bytes 0 to 7 are not the 8 of its shape and dtype");
    // Nothing in the format asks for alignment, and reading needs none.
    const std::string odd = "\"a\":" + entry("[1]", "[0,1]", "U8");
    EXPECT_EQ(complaint("{" + odd + ",\"w\":" + entry("[1]", "[1,5]") + "}", 5), "no error");
}

TEST(HostileSafetensors, OverlapsAndGaps) {
    const auto two = [](const std::string& first, const std::string& second, std::size_t data) {
        return complaint("{\"a\":" + entry("[2]", first) + ",\"b\":" + entry("[2]", second) + "}",
                         data);
    };
    EXPECT_EQ(two("[0,8]", "[8,16]", 16), "no error");
    EXPECT_EQ(two("[0,8]", "[4,12]", 12), "tensor 'b': its bytes overlap those of 'a'");
    EXPECT_EQ(two("[0,8]", "[0,8]", 8), "tensor 'b': its bytes overlap those of 'a'");
    EXPECT_EQ(two("[12,20]", "[0,8]", 20), "tensor 'a': there is a gap in front of its bytes");
    EXPECT_EQ(two("[0,8]", "[8,16]", 17), "1 bytes at its end belong to no tensor");
}

TEST(HostileSafetensors, Shapes) {
    const auto with = [](const std::string& shape, const std::string& offsets) {
        return complaint("{\"w\":" + entry(shape, offsets) + "}", 8);
    };
    const char* huge = "tensor 'w': its shape has more elements than 64 bits can count";
    EXPECT_EQ(with("[4294967296,4294967296]", "[0,8]"), huge);
    EXPECT_EQ(with("[18446744073709551615,2]", "[0,8]"), huge);
    EXPECT_EQ(with("[576460752303423488]", "[0,8]"), huge) << "2^64 bits";
    EXPECT_EQ(complaint("{\"w\":" + entry("[18446744073709551615,0,9]", "[0,0]") + "}", 0),
              "no error")
        << "no elements at all";
    EXPECT_EQ(with("[1,2]", "[0,8]"), "no error");
    EXPECT_EQ(with("[]", "[0,8]"), "tensor 'w': bytes 0 to 8 are not the 4 of its shape and dtype");
}

TEST(HostileSafetensors, NamesAreShownHarmlessly) {
    EXPECT_EQ(complaint(R"({"\u001b[31mred\u0000":1})", 0),
              "tensor '?[31mred?': is no object with 'dtype'");
    EXPECT_THAT(complaint("{\"" + std::string(5000, 'x') + "\":1}", 0),
                testing::SizeIs(testing::Lt(300U)));
}

TEST(TruncatedSafetensors, AreRefusedAtEachLength) {
    const std::string whole =
        file_of("{\"a\":" + entry("[2]", "[0,8]") + "}", std::string(8, '\1'));
    EXPECT_EQ(complaint(whole), "no error");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_NE(complaint(whole.substr(0, size)), "no error") << size;
    }
}

}  // namespace
}  // namespace lpusim
