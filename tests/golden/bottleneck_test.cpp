// Four hand-made machines, each with one unit too small: the verdict names that unit, and its busy
// cycles are what pencil and paper say.
//
// TinyLlama: hidden 2048, intermediate 5632, 22 layers, 32 heads on 4 KV heads of 64, vocabulary
// 32000. Linear weights of a layer: q 2048·2048, k and v 2048·256 each, o 2048·2048, gate, up and
// down 2048·5632 each = 44,040,192. Of the model: 22 · 44,040,192 + LM head 2048·32000 =
// 1,034,420,224.

#include <algorithm>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "sim/config/data_files.h"
#include "sim/config/load.h"
#include "sim/platform/simulate.h"

namespace lpusim {
namespace {

constexpr std::uint64_t kLinearWeights = 1'034'420'224;

Point tinyllama_on(const Overrides& changes, const std::string& format, std::uint32_t batch,
                   std::uint32_t context) {
    SimulationInput input;
    input.hardware = load_hardware(find_file(FileKind::Hardware, "lpu-80gbs"), changes);
    input.model = load_model(find_file(FileKind::Model, "tinyllama-1.1b"));
    input.format = load_format(find_file(FileKind::Format, format));
    input.scenario.batch = batch;
    input.scenario.context = context;
    return simulate(input).point;
}

std::uint64_t busy_cycles(const Point& point, const std::string& engine) {
    const auto found = std::find_if(point.units.begin(), point.units.end(),
                                    [&](const EngineCycles& e) { return e.name == engine; });
    return found == point.units.end() ? 0 : found->busy.count();
}

/// The token takes at least the unit's lower bound, and little more than it.
void expect_bound_by(const Point& point, std::uint64_t bound, std::uint64_t percent_above) {
    EXPECT_GE(point.cycles.count(), bound);
    EXPECT_LE(point.cycles.count() * 100, bound * (100 + percent_above));
}

TEST(Bottleneck, SramPort) {
    // One bank of one port: a word of 320 B is written or read per cycle, never both.
    const Point point = tinyllama_on({{"sram.banks", "1"},
                                      {"sram.ports", "1"},
                                      {"unpack.read_bandwidth", "320 B/cycle"},
                                      {"stream.weight.bandwidth", "275 GB/s"}},
                                     "int4-col", 1, 16);
    EXPECT_EQ(point.bottleneck.engine, "sram_banks.ports");
    EXPECT_EQ(point.bottleneck.unit, "SramBanks");
    // Each packed byte is written once and read once: codes of 4 bits, and a scale of 2 B for each
    // of the columns of a layer (q 2048, k, v 256 each, o 2048, gate and up 5632 each, down 2048 =
    // 17,920) and of the LM head (32,000): 517,210,112 + 2 · (22 · 17,920 + 32,000) = 518,062,592
    // B.
    constexpr std::uint64_t kPacked = kLinearWeights / 2 + 2 * (22 * 17'920 + 32'000);
    static_assert(kPacked == 518'062'592);
    EXPECT_EQ(point.stream.weights.count(), kPacked);
    // With the activations' words on top of them, the ports are what fills the token.
    EXPECT_GE(busy_cycles(point, "sram_banks.ports"), 2 * kPacked / 320);
    expect_bound_by(point, 2 * kPacked / 320, 8);
}

TEST(Bottleneck, UnpackLanes) {
    const Point point = tinyllama_on({{"unpack.lanes", "64"}}, "int4-g64", 1, 16);
    EXPECT_EQ(point.bottleneck.engine, "unpack_unit");
    EXPECT_EQ(point.bottleneck.unit, "UnpackUnit");
    // Every tile's weights are a multiple of 64 (tiles are 320 or 2048 - 6·320 = 128 or 5632 -
    // 17·320 = 192 rows of 1280, 768, 512 or 256 columns), so no beat is short: 1,034,420,224 / 64.
    constexpr std::uint64_t kBeats = 16'162'816;
    static_assert(kBeats * 64 == kLinearWeights);
    EXPECT_EQ(busy_cycles(point, "unpack_unit"), kBeats);
    expect_bound_by(point, kBeats, 2);
}

TEST(Bottleneck, MacArray) {
    // One plane of 64 x 64, on which every size of the model is a whole number of tiles.
    const Point point = tinyllama_on(
        {{"array.planes", "1"}, {"array.rows", "64"}, {"array.cols", "64"}}, "int4-g64", 128, 16);
    EXPECT_EQ(point.bottleneck.engine, "mac_array.compute");
    EXPECT_EQ(point.bottleneck.unit, "MacArray");
    // 1,034,420,224 / 64² = 252,544 tiles with 128 vectors each. Attention: per layer, sequence and
    // KV head one tile of scores (64 x 16) and one of values (16 x 64), with the 8 vectors of its
    // query heads.
    constexpr std::uint64_t kLinear = 252'544 * 128;
    static_assert(kLinear / 128 * 64 * 64 == kLinearWeights);
    constexpr std::uint64_t kAttention = 22 * 128 * 4 * 2 * 8;
    EXPECT_EQ(busy_cycles(point, "mac_array.compute"), kLinear + kAttention);
    expect_bound_by(point, kLinear + kAttention, 10);
}

TEST(Bottleneck, VectorLanes) {
    const Point point = tinyllama_on(
        {{"vector.lanes", "1"}, {"stream.weight.bandwidth", "800 GB/s"}}, "int4-g64", 1, 2048);
    EXPECT_EQ(point.bottleneck.engine, "vector_unit");
    EXPECT_EQ(point.bottleneck.unit, "VectorUnit");
    // Passes x elements. Softmax (3): 32 heads x 2048. Norms (2), quantisation of their results
    // (2), of the rotated queries and of the attention's output (2), the rotation of queries (1)
    // and both residuals (1): 2048 each. Rotation of keys (1): 256. New K and V to the cache (2):
    // 512. SiLU (1) and its quantisation (2): 5632.
    constexpr std::uint64_t kSoftmax = 3 * 32 * 2048;
    constexpr std::uint64_t kLayer =
        kSoftmax + (2 * 2 + 2 * 2 + 2 + 2 + 1 + 2) * 2048 + 256 + 2 * 512 + (1 + 2) * 5632;
    // Embedding (1), final norm (2) and its quantisation (2).
    constexpr std::uint64_t kBeats = 22 * kLayer + (1 + 2 + 2) * 2048;
    EXPECT_EQ(busy_cycles(point, "vector_unit"), kBeats);
    expect_bound_by(point, kBeats, 25);
}

}  // namespace
}  // namespace lpusim
