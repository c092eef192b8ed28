// quantize, pack and unpack as their users run them.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/load.h"
#include "sim/quantize/safetensors.h"
#include "sim/quantize/safetensors_writer.h"
#include "sim/quantize/synthetic_weights.h"
#include "sim/result/result_json.h"
#include "tests/result/result_schema.h"
#include "tests/result/scratch_folder.h"
#include "tests/support/address_sanitizer.h"
#include "tests/support/model_file.h"
#include "tests/support/subprocess.h"

namespace lpusim {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Arguments = std::vector<std::string>;

Arguments synthetic(const std::string& verb, const std::string& format, const Arguments& more) {
    Arguments arguments = {verb,     "--format", format, "--synthetic", "gaussian", "--shape",
                           "129x17", "--seed",   "3"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

Finished run(const Arguments& arguments) { return run_tool(arguments); }

void expect_bad_input(const Arguments& arguments, const std::string& errors) {
    const Finished finished = run_tool(arguments);
    EXPECT_EQ(finished.exit_code, 2) << finished.output;
    EXPECT_EQ(finished.errors, errors);
    EXPECT_EQ(finished.output, "");
}

std::string good(const Arguments& arguments) {
    const Finished finished = run_tool(arguments);
    EXPECT_EQ(finished.exit_code, 0);
    EXPECT_EQ(finished.errors, "");
    return finished.output;
}

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Two matrices, "a" of K = 6, N = 2 and "b" of K = 3, N = 5.
void write_weights(const std::string& path) {
    SafetensorsWriter writer(path, {{"a", 6, 2}, {"b", 3, 5}});
    std::vector<float> weights(27);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i) - 10;
    writer.append(weights.data(), weights.size());
    writer.finish();
}

/// A safetensors file with this header and this many zeros behind it.
void write_raw(const std::string& path, const std::string& header, std::size_t zeros) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i));
    std::ofstream(path, std::ios::binary) << bytes << header << std::string(zeros, '\0');
}

TEST(QuantizeVerb, ShowsATable) {
    const std::string table = good(synthetic("quantize", "int4-g64,w3p5-g64", {}));
    EXPECT_THAT(table, StartsWith("Weights: gaussian 129x17, seed 3; tiles of 320 rows\n\n"));
    EXPECT_THAT(table,
                AllOf(HasSubstr("relative RMSE"), HasSubstr("\ngaussian  int4-g64  129x17")));
    // One matrix is its own total.
    EXPECT_THAT(table, Not(HasSubstr("total")));
}

// 129 weights of 4 bits and three FP16 scales (groups begin at 0, 64 and 128) are 564 bits, 71
// bytes per column; 17 columns are 1207 bytes, 9656 bits of 2193 weights.
TEST(QuantizeVerb, WritesJson) {
    const std::string text = good(synthetic("quantize", "int4-g64", {"--json", "-"}));
    const Json json = Json::parse(text);
    EXPECT_EQ(json.at("schema_version"), 1);
    EXPECT_EQ(json.at("weights"), "gaussian 129x17, seed 3");
    const Json& tensor = json.at("tensors").at(0);
    EXPECT_EQ(tensor.at("k"), 129);
    EXPECT_EQ(tensor.at("n"), 17);
    EXPECT_EQ(tensor.at("packed_bytes"), 1207);
    EXPECT_DOUBLE_EQ(tensor.at("effective_bits").get<double>(), 9656.0 / 2193);
    const double rmse = tensor.at("rmse").get<double>();
    EXPECT_NEAR(rmse * rmse, tensor.at("mse").get<double>(), 1e-12);
    EXPECT_EQ(json.at("totals").at(0).at("rmse"), tensor.at("rmse"));
    EXPECT_EQ(good(synthetic("quantize", "int4-g64", {"--json", "-", "--threads", "1"})), text);
}

TEST(QuantizeVerb, WritesCsv) {
    const std::string csv = good(synthetic("quantize", "int4-g64,fp16", {"--csv", "-"}));
    EXPECT_THAT(csv, StartsWith("tensor,format,k,n,weights,effective_bits,packed_bytes,rmse,"));
    EXPECT_THAT(csv, HasSubstr("\ngaussian,int4-g64,129,17,2193,4.403"));
    EXPECT_EQ(lines_of(csv), 3U);
}

TEST(QuantizeVerb, TakesTheTensorsOfAFile) {
    const ScratchFolder folder;
    const std::string file = folder.file("w.safetensors");
    write_weights(file);
    const Arguments all = {"quantize", "--format", "int8,fp16", "--weights", file, "--csv", "-"};
    const std::string csv = good(all);
    // A heading, two tensors in two formats, two totals.
    EXPECT_EQ(lines_of(csv), 7U);
    EXPECT_THAT(csv, AllOf(HasSubstr("\na,int8,6,2,12,"), HasSubstr("\nb,fp16,3,5,15,16,30,0,0,"),
                           HasSubstr("\n,int8,0,0,27,")));

    Arguments one = all;
    one.insert(one.end(), {"--tensor", "b", "--orientation", "in-out"});
    EXPECT_THAT(good(one), HasSubstr("\nb,int8,5,3,15,"));
}

// 140 GB, most of it a hole; of a tensor of 134 MB it takes less than 64 MB of memory to make its
// errors, for the file is mapped and read column by column.
TEST(QuantizeVerb, NeedsLittleMemoryForFilesOfAnySize) {
    if (test::kAddressSanitizer) GTEST_SKIP() << "its own memory is beyond any such limit";
    const ScratchFolder folder;
    const std::string file = folder.file("large.safetensors");
    constexpr std::uint64_t kHuge = std::uint64_t{4} * 33'000 * 1'048'576;
    constexpr std::uint64_t kLarge = std::uint64_t{2} * 2048 * 32'768;
    const std::string header =
        R"({"huge":{"dtype":"F32","shape":[33000,1048576],"data_offsets":[0,)" +
        std::to_string(kHuge) +
        R"(]},"large":{"dtype":"F16","shape":[2048,32768],"data_offsets":[)" +
        std::to_string(kHuge) + "," + std::to_string(kHuge + kLarge) + "]}}";
    write_raw(file, header, 0);
    std::filesystem::resize_file(file, 8 + header.size() + kHuge + kLarge);

    const std::string command = "ulimit -d 65536; exec " LPUSIM_EXECUTABLE
                                " quantize --format int4-g64 --tensor large --weights " +
                                file + " > " + folder.file("out");
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::ifstream out(folder.file("out"));
    const std::string table((std::istreambuf_iterator<char>(out)), {});
    EXPECT_THAT(table, HasSubstr("large   int4-g64  32768x2048"));
}

Arguments toy_run(const Arguments& more) {
    Arguments arguments = {
        "run",      "--hardware", "test-chip", "--model", "tests/app/data/toy.yaml",
        "--format", "int4-g64",   "--context", "32"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

TEST(RunVerb, ShowsTheErrorOfASampleBesideTheSpeed) {
    EXPECT_THAT(good(toy_run({})),
                AllOf(HasSubstr("RMSE of   weights of gaussian 8192x32, seed 12\n"),
                      testing::ContainsRegex("relative RMSE +10.7. %")));
}

TEST(RunVerb, CarriesDataWithoutChangingTheResult) {
    const Arguments verify = {"--data", "verify", "--json", "-"};
    Json with = Json::parse(good(toy_run(verify)));
    Json without = Json::parse(good(toy_run({"--json", "-"})));
    EXPECT_EQ(schema_violations(with.dump()), "");
    Json& point = with.at("points").at(0);
    const Json data = point.at("data");
    EXPECT_EQ(data.at("mismatches"), 0);
    EXPECT_GT(data.at("elements").get<std::uint64_t>(), 0U);
    EXPECT_GT(data.at("partial_sums").get<std::uint64_t>(), 0U);
    point.erase("data");
    EXPECT_EQ(with.at("points"), without.at("points"));
    EXPECT_THAT(good(toy_run({"--data", "verify"})), HasSubstr("partial sums equal to the bit"));
}

Model toy_model() { return load_model("tests/app/data/toy.yaml"); }

TEST(RunVerb, CarriesTheWeightsOfAFile) {
    const ScratchFolder folder;
    const std::string file = folder.file("toy.safetensors");
    write_safetensors(file, model_tensors(toy_model(), Naming::Llama));
    const Arguments weights = {"--weights", file, "--json", "-"};
    Arguments verify = weights;
    verify.insert(verify.end(), {"--data", "verify"});
    const Finished carried = run_tool(toy_run(verify));
    const std::string& text = carried.output;
    ASSERT_EQ(carried.exit_code, 0) << carried.errors;
    // Norms have no error.
    EXPECT_THAT(carried.errors, StartsWith("left out: 9 tensors that are no matrices"));
    EXPECT_EQ(schema_violations(text), "");
    Json with = Json::parse(text).at("points").at(0);
    EXPECT_EQ(with.at("data").at("mismatches"), 0);
    // Other weights, other deviations.
    const Json random = Json::parse(good(toy_run({"--data", "verify", "--json", "-"})));
    EXPECT_NE(with.at("data").at("layer_deviation"),
              random.at("points").at(0).at("data").at("layer_deviation"));
    EXPECT_THAT(with.at("notes").dump(), HasSubstr("is the model's in " + file));
    Json without = Json::parse(run_tool(toy_run(weights)).output).at("points").at(0);
    with.erase("data");
    with.erase("notes");
    without.erase("notes");
    EXPECT_EQ(with, without);
}

TEST(RunVerb, CarriesNoWeightsThatAreNotFinite) {
    const ScratchFolder folder;
    const std::string file = folder.file("toy.safetensors");
    std::vector<StoredTensor> tensors = model_tensors(toy_model(), Naming::Llama);
    tensor_named(tensors, "lm_head.weight").numbers[64 + 2] =
        std::numeric_limits<float>::quiet_NaN();
    write_safetensors(file, tensors);
    const Finished finished = run_tool(toy_run({"--data", "verify", "--weights", file}));
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_THAT(finished.errors,
                EndsWith("error: tensor 'lm_head.weight': the weight at [1, 2] is NaN\n"));
    EXPECT_EQ(finished.output, "");
}

TEST(RunVerb, ExplainsWhatDataCannotBe) {
    expect_bad_input(toy_run({"--data", "none"}), "error: --data: got 'none'; allowed: verify\n");
    expect_bad_input(
        toy_run({"--data", "verify", "--verify-fast-forward"}),
        "error: --verify-fast-forward skips what --data carries; ask for one of them\n");
    const ScratchFolder folder;
    const std::string file = folder.file("w.safetensors");
    write_weights(file);
    expect_bad_input(toy_run({"--data", "verify", "--weights", file, "--tensor", "b"}),
                     "error: --data carries all tensors of the model; leave out --tensor\n");
    const Finished other = run_tool(toy_run({"--data", "verify", "--weights", file}));
    EXPECT_EQ(other.exit_code, 2);
    EXPECT_THAT(other.errors, StartsWith("error: " + file +
                                         ": tensor 'model.embed_tokens.weight' of toy is missing\n"
                                         "error: " +
                                         file + ": tensor 'model.layers.0."));
    const Finished large = run_tool({"run", "--hardware", "lpu-80gbs", "--model", "llama2-70b",
                                     "--format", "int4-g64", "--data", "verify"});
    EXPECT_EQ(large.exit_code, 2);
    EXPECT_THAT(large.errors,
                AllOf(StartsWith("error: --data: the weights of 80 layers of llama2-70b take "),
                      EndsWith("use --layers to run fewer layers\n")));
}

TEST(RunVerb, ShowsTheErrorOfAFilesWeights) {
    const ScratchFolder folder;
    const std::string file = folder.file("w.safetensors");
    write_weights(file);
    const std::string of_run = good(toy_run({"--weights", file, "--tensor", "b", "--json", "-"}));
    const std::string of_quantize = good(
        {"quantize", "--format", "int4-g64", "--weights", file, "--tensor", "b", "--json", "-"});
    const Json quality = Json::parse(of_run).at("points").at(0).at("quality");
    const Json tensor = Json::parse(of_quantize).at("tensors").at(0);
    EXPECT_EQ(quality.at("source"), file + ", tensors b");
    for (const char* key : {"weights", "rmse", "relative_rmse", "max_error"}) {
        EXPECT_EQ(quality.at(key), tensor.at(key)) << key;
    }
    expect_bad_input(toy_run({"--weights", file, "--tensor", "c"}),
                     "error: --tensor: no tensor of " + file + " is called 'c'\n");
    expect_bad_input(toy_run({"--tensor", "b"}),
                     "error: --tensor says nothing without --weights\n");
}

TEST(QuantizeVerb, WritesNoFormulaIntoItsCsv) {
    const ScratchFolder folder;
    const std::string file = folder.file("w.safetensors");
    write_raw(file, R"({"=1+1,x":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]}})", 4);
    EXPECT_THAT(good({"quantize", "--format", "int8", "--weights", file, "--csv", "-"}),
                HasSubstr("\n\"'=1+1,x\",int8,"));
}

TEST(QuantizeVerb, LeavesOutWhatIsNoMatrixAndSaysSo) {
    const ScratchFolder folder;
    const std::string file = folder.file("w.safetensors");
    write_raw(file,
              R"({"norm":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
              R"("up":{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]}})",
              12);
    const Finished finished =
        run({"quantize", "--format", "int8", "--weights", file, "--csv", "-"});
    EXPECT_EQ(finished.exit_code, 0);
    EXPECT_EQ(finished.errors,
              "left out: 1 tensors that are no matrices of F32, F16 or BF16: 'norm'\n");
    EXPECT_EQ(lines_of(finished.output), 2U);
    expect_bad_input({"quantize", "--format", "int8", "--weights", file, "--tensor", "norm"},
                     "error: " + file + ": tensor 'norm' has 1 axes; a matrix has 2\n");
}

TEST(QuantizeVerb, TriesAllocations) {
    const Json json =
        Json::parse(good({"quantize", "--allocation", "all", "--allocation-group", "64",
                          "--synthetic", "gaussian", "--shape", "256x8", "--json", "-"}));
    std::vector<std::string> names;
    std::vector<double> bits;
    for (const Json& tensor : json.at("tensors")) {
        names.push_back(tensor.at("format"));
        bits.push_back(tensor.at("effective_bits"));
    }
    EXPECT_THAT(names, ElementsAre("4/3 all 4 bits", "4/3 alternating", "4/3 random",
                                   "4/3 larger of each pair", "4/3 larger half of the group",
                                   "4/3 larger half of the group, own ranges"));
    // Codes, an FP16 scale and zero point per 64 weights (0.5), and the map.
    EXPECT_THAT(bits, ElementsAre(4.5, 4.0, 4.5, 4.5, 5.0, 5.5));
}

TEST(QuantizeVerb, NamesWhatIsWrong) {
    expect_bad_input({"quantize"},
                     "error: --format is missing; see 'lpusim quantize --help'\n"
                     "error: --weights or --synthetic is missing; see 'lpusim quantize --help'\n");
    expect_bad_input({"quantize", "--format", "fp16", "--synthetic", "gausian", "--shape", "3y4"},
                     "error: --synthetic: got 'gausian'; allowed: gaussian, student-t or laplace; "
                     "did you mean 'gaussian'?\n"
                     "error: --shape: got '3y4'; allowed: KxN, as in 8192x4096\n");
    expect_bad_input({"quantize", "--format", "fp16", "--synthetic", "laplace", "--shape", "0x4"},
                     "error: --shape: K: got '0'; allowed: a whole number from 1 to 1048576\n");
    expect_bad_input({"quantize", "--format", "fp16", "--weights", "a", "--synthetic", "laplace"},
                     "error: --weights and --synthetic are both given; keep one\n"
                     "error: --synthetic needs --shape KxN, as in 8192x4096\n");
    expect_bad_input({"quantize", "--format", "fp16", "--weights", "a", "--seed", "1"},
                     "error: --seed says nothing without --synthetic\n");
    expect_bad_input({"quantize", "--format", "fp16", "--weights", "/nope"},
                     "error: /nope: cannot be read: No such file or directory\n");
    expect_bad_input(synthetic("quantize", "int8", {"--allocation", "radnom"}),
                     "error: --allocation: got 'radnom'; allowed: all, all-4-bit, alternating, "
                     "random, magnitude-pair, magnitude-group or magnitude-group-ranges; did you "
                     "mean 'random'?\n");
    expect_bad_input(synthetic("quantize", "int8", {"--json", "-", "--csv", "-"}),
                     "error: --csv and --json cannot go to the same place\n");
}

TEST(QuantizeVerb, NamesAWeightThatIsNoNumber) {
    const ScratchFolder folder;
    const std::string file = folder.file("w.safetensors");
    SafetensorsWriter writer(file, {{"up", 2, 2}});
    const std::vector<float> weights = {0, 1, std::numeric_limits<float>::quiet_NaN(), 3};
    writer.append(weights.data(), weights.size());
    writer.finish();
    expect_bad_input({"quantize", "--format", "int8", "--weights", file},
                     "error: tensor 'up': the weight at [1, 0] is NaN\n");
}

TEST(PackVerb, AndUnpackGiveTheQuantisedWeights) {
    const ScratchFolder folder;
    const std::string packed = folder.file("w.lpupack");
    const std::string weights = folder.file("w.safetensors");
    for (const char* format : {"w3p5-g64", "w11x11-g64", "mxfp4", "nvfp4", "bf16", "q3_k-like"}) {
        EXPECT_THAT(good(synthetic("pack", format, {"--out", packed})), HasSubstr(format));
        EXPECT_THAT(good({"unpack", packed, "--list"}),
                    AllOf(HasSubstr("1 tensor in " + std::string(format)), HasSubstr("129x17")));
        EXPECT_EQ(good({"unpack", packed, "--out", weights}), "");

        // The unpacked weights are as far from the original ones as the quantiser says.
        const Json json =
            Json::parse(good(synthetic("quantize", format, {"--json", "-"}))).at("tensors").at(0);
        const SafetensorsFile file(weights);
        const auto restored = file.weights(file.tensors().at(0), Orientation::OutIn);
        const SyntheticWeights source(Distribution::Gaussian, 129, 17, 3);
        std::vector<float> a;
        std::vector<float> b;
        double squares = 0;
        for (std::uint64_t n = 0; n < 17; ++n) {
            const float* got = restored->column(n, a);
            const float* original = source.column(n, b);
            for (std::size_t k = 0; k < 129; ++k) {
                const double error = static_cast<double>(got[k]) - static_cast<double>(original[k]);
                squares += error * error;
            }
        }
        EXPECT_NEAR(squares / 2193, json.at("mse").get<double>(), 1e-12) << format;
    }
}

TEST(PackVerb, NamesWhatIsWrong) {
    expect_bad_input({"pack"},
                     "error: --format is missing; see 'lpusim pack --help'\n"
                     "error: --out is missing; see 'lpusim pack --help'\n"
                     "error: --weights or --synthetic is missing; see 'lpusim pack --help'\n");
    expect_bad_input(synthetic("pack", "int8", {"--out", "/nope/w"}),
                     "error: /nope/w: cannot be written: No such file or directory\n");
}

TEST(UnpackVerb, NamesWhatIsWrong) {
    const ScratchFolder folder;
    const std::string packed = folder.file("w.lpupack");
    good(synthetic("pack", "int8", {"--out", packed}));
    expect_bad_input(
        {"unpack", "--list"},
        "error: one packed tensor file is wanted, got 0; see 'lpusim unpack --help'\n");
    expect_bad_input({"unpack", packed},
                     "error: one of --out FILE and --list is wanted; see 'lpusim unpack --help'\n");
    expect_bad_input({"unpack", "README.md", "--list"},
                     "error: README.md: is no packed tensor file\n");
    expect_bad_input({"unpack", packed, "--list", "--tensor", "gausian"},
                     "error: --tensor: no tensor of " + packed +
                         " is called 'gausian'; did you mean 'gaussian'?\n");

    std::string bytes = content_of(packed);
    bytes[100] = static_cast<char>(bytes[100] ^ 1);
    std::ofstream(packed, std::ios::binary) << bytes;
    const Finished damaged = run({"unpack", packed, "--out", folder.file("out")});
    EXPECT_EQ(damaged.exit_code, 2);
    EXPECT_THAT(damaged.errors, EndsWith("its bytes do not match their checksum\n"));
    EXPECT_FALSE(std::filesystem::exists(folder.file("out")));
}

}  // namespace
}  // namespace lpusim
