// Every file that is shipped loads, says where its numbers come from, and is what its name
// promises.

#include <cctype>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/compiler/compiler.h"
#include "sim/config/data_files.h"
#include "sim/config/load.h"

namespace lpusim {
namespace {

using testing::IsEmpty;

const std::filesystem::path kRoot = LPUSIM_SOURCE_DIR;

HardwareConfig hardware(const std::string& name) {
    return load_hardware(kRoot / "configs/hardware" / (name + ".yaml"));
}
NumberFormat format(const std::string& name) {
    return load_format(kRoot / "configs/formats" / (name + ".yaml"));
}
Model model(const std::string& name) {
    return load_model(kRoot / "workloads/models" / (name + ".yaml"));
}

TEST(ShippedFiles, AreAllValidAndNamedLikeTheirFiles) {
    for (const FileKind kind :
         {FileKind::Hardware, FileKind::Format, FileKind::Model, FileKind::Slurm}) {
        const auto files = shipped_files(kind);
        EXPECT_FALSE(files.empty()) << name_of(kind);
        for (const ShippedFile& file : files) {
            EXPECT_THAT(check_file(file.path), IsEmpty());
            EXPECT_EQ(detect_kind(file.path), kind) << file.path;
            EXPECT_NE(file.description, "") << file.path;
        }
    }
    for (const ShippedFile& file : shipped_files(FileKind::Hardware)) {
        EXPECT_EQ(load_hardware(file.path).name, file.name);
    }
    for (const ShippedFile& file : shipped_files(FileKind::Format)) {
        EXPECT_EQ(load_format(file.path).name, file.name);
    }
    for (const ShippedFile& file : shipped_files(FileKind::Model)) {
        EXPECT_EQ(load_model(file.path).name, file.name);
    }
    for (const ShippedFile& file : shipped_files(FileKind::Slurm)) {
        EXPECT_EQ(load_slurm(file.path).name, file.name);
    }
}

TEST(ShippedHardware, EveryNumberHasASource) {
    for (const ShippedFile& file : shipped_files(FileKind::Hardware)) {
        for (const Provenance& entry : load_hardware(file.path).provenance) {
            // The placement is a choice, not a fact about the chip.
            if (entry.key == "placement") continue;
            EXPECT_NE(entry.source, "") << file.path << " " << entry.key;
            EXPECT_NE(entry.source, "default") << file.path << " " << entry.key;
        }
    }
}

TEST(ShippedHardware, Lpu80GbsIsThePublishedChip) {
    const HardwareConfig config = hardware("lpu-80gbs");
    const ChipParams& chip = config.chip;
    EXPECT_EQ(config.placement, Placement::Streamed);
    EXPECT_EQ(config.stream_bandwidth, BytesPerSecond(80'000'000'000));
    EXPECT_EQ(chip.clock, Hertz(915'500'000));
    EXPECT_EQ(chip.weight_stream.rate.ratio, (Fraction{1835, 21}));
    EXPECT_LE(config.stream_deviation_ppm, 50.0);
    // 750 TOPS INT8 to four digits, 230 MB to three.
    const MacArrayParams& array = chip.mac_array;
    const std::uint64_t macs = std::uint64_t{array.planes} * array.rows * array.cols;
    EXPECT_EQ(std::llround(2.0 * static_cast<double>(macs * chip.clock.count()) / 1e11), 7500);
    EXPECT_EQ(chip.sram_banks.capacity, Bytes(88 * 5 * 1024 * 1024 / 2));
    // ISCA'20: 50.7 TB/s of bank bandwidth at 900 MHz, all weights of the array in 20 cycles.
    const SramBanksParams& sram = chip.sram_banks;
    EXPECT_EQ(sram.width.count() * sram.banks * sram.ports * 900'000'000, 50'688'000'000'000U);
    EXPECT_EQ(array.load_bytes * 20, Bytes(macs));
}

TEST(ShippedHardware, Lpu80TbsIsTheSameChipWithItsWeightsInFastSram) {
    const HardwareConfig aggregate = hardware("lpu-80tbs");
    EXPECT_EQ(aggregate.placement, Placement::Resident);
    EXPECT_EQ(aggregate.chip.unpack_unit.read_bytes, Bytes(80'000'000'000'000 / 915'500'000));
    const SramBanksParams& sram = aggregate.chip.sram_banks;
    EXPECT_GE(sram.width * sram.banks, aggregate.chip.unpack_unit.read_bytes);

    std::set<std::string> different;
    const auto one_chip = hardware("lpu-80gbs").provenance;
    for (std::size_t i = 0; i < one_chip.size(); ++i) {
        if (one_chip[i].value != aggregate.provenance.at(i).value)
            different.insert(one_chip[i].key);
    }
    EXPECT_EQ(different, (std::set<std::string>{"placement", "sram.capacity", "sram.width",
                                                "sram.interleave", "unpack.read_bandwidth"}));
}

TEST(ShippedFormats, BitsPerWeight) {
    // Of one long column: codes, scales and zero points; at K = 8192 for what is stored once per
    // column.
    constexpr double kPerColumn = 16.0 / 8192;
    const std::map<std::string, double> bits = {
        {"bf16", 16.0},
        {"fp16", 16.0},
        {"int4-g32", 4.5},
        {"int4-g32-asym", 5.0},
        {"int4-g128-asym", 4.25},
        {"int3-col-asym", 3.0 + 2 * kPerColumn},
        {"int3-g32", 3.5},
        {"int3-g128", 3.125},
        {"int3-g64-asym", 3.5},
        {"int3-g128-asym", 3.25},
        {"w3p5-col-padded", 4.0 + 2 * kPerColumn},
        {"w3p5-g128-padded", 4.25},
        {"w11x11-col", 3.5 + 2 * kPerColumn},
        {"w11x11-g64", 4.0},
        {"w11x11-g64-z8", 3.875},
        {"w11x11-g128", 3.75},
        {"w3p25-col", 3.25 + 2 * kPerColumn},
        {"w3p25-g64", 3.75},
        {"w3p25-g128", 3.5},
        {"w3p75-col", 3.75 + 2 * kPerColumn},
        {"w3p75-g64", 4.25},
        {"w3p75-g128", 4.0},
        {"mxfp4", 4.25},
        {"nvfp4", 4.5},
        {"q3_k-like", 3.4375},
        {"int8", 8.0 + 16.0 / 8192},
        {"int4-col", 4.0 + 16.0 / 8192},
        {"int4-col-asym", 4.00390625},
        {"int4-g64", 4.25},
        {"int4-g64-asym", 4.5},
        {"int4-g128", 4.125},
        {"int3-col", 3.0 + 16.0 / 8192},
        {"int3-g64", 3.25},
        {"w3p5-col", 3.50390625},
        {"w3p5-g64", 4.0},
        {"w3p5-g64-z8", 3.875},
        {"w3p5-g64-padded", 4.5},
        {"w3p5-g128", 3.75},
    };
    std::set<std::string> shipped;
    for (const ShippedFile& file : shipped_files(FileKind::Format)) shipped.insert(file.name);
    EXPECT_EQ(shipped.size(), bits.size());
    for (const auto& [name, expected] : bits) {
        EXPECT_EQ(shipped.count(name), 1U) << name;
        const MatrixFootprint stored = footprint(format(name), 8192, 1, 8192);
        EXPECT_EQ(static_cast<double>(stored.total.count()) * 8 / 8192, expected) << name;
    }
}

TEST(ShippedFormats, CompileForTheShippedChip) {
    const HardwareConfig config = hardware("lpu-80gbs");
    Scenario scenario;
    scenario.layers = 1;
    for (const ShippedFile& file : shipped_files(FileKind::Format)) {
        EXPECT_NO_THROW(compile(config.chip, config.placement, model("tinyllama-1.1b"),
                                load_format(file.path), scenario, /*tokens=*/1))
            << file.name;
    }
}

TEST(ShippedModels, ParameterCountsAreThePublishedOnes) {
    const std::map<std::string, std::uint64_t> counts = {
        {"llama2-7b", 6'738'415'616},      {"llama2-13b", 13'015'864'320},
        {"llama2-70b", 68'976'648'192},    {"llama3-8b", 8'030'261'248},
        {"llama3-70b", 70'553'706'496},    {"llama3.1-405b", 405'853'388'800},
        {"tinyllama-1.1b", 1'100'048'384}, {"gpt2-medium", 354'823'168},
        {"bert-base", 109'482'240}};
    for (const auto& [name, expected] : counts) {
        EXPECT_EQ(count_parameters(model(name)).total(), expected) << name;
    }
}

TEST(ShippedModels, WeightsThatStreamForOneTokenOfLlama2_70b) {
    const ParameterCount count = count_parameters(model("llama2-70b"));
    EXPECT_EQ(count.linear + count.lm_head, 68'713'185'280U);
}

}  // namespace
}  // namespace lpusim
