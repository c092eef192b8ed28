// The laws of the machine (docs/timing_model.md) over hand-built programs on small random chips.
// The same laws over compiled models are in laws_test.cpp.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/property/program_work.h"
#include "tests/property/random_machine.h"
#include "tests/support/chip_run.h"
#include "tests/support/linear_operator.h"
#include "tests/support/pick.h"

namespace lpusim::test {
namespace {

RC_GTEST_PROP(Hardware, NeverUndercutsALowerBound, ()) {
    const ChipParams params = random_chip();
    const isa::Program program = random_program(params);
    RC_LOG() << describe(params) << isa::disassemble(program);
    ChipRun run(params, program, Clocking::Sleeping);
    const std::uint64_t cycles = run.run();
    RC_ASSERT(run.finished());

    const ProgramWork work = sum(work_of(program, params));
    const SramBanksParams& sram = params.sram_banks;
    RC_ASSERT(Cycles(cycles) >= params.weight_stream.rate.cycles_for(Bytes(work.stream_bytes)));
    RC_ASSERT(cycles * params.unpack_unit.lanes >= work.unpacked_bytes);
    RC_ASSERT(cycles * params.unpack_unit.read_bytes.count() + sram.width.count() >=
              work.packed_bytes);
    RC_ASSERT(cycles * params.mac_array.load_bytes.count() >= work.port_bytes);
    RC_ASSERT(cycles >= work.compute_cycles);
    RC_ASSERT(cycles * sram.banks * sram.ports >= work.sram_words());
    RC_ASSERT(cycles * params.rescaler.lanes >= work.rescales);
    RC_ASSERT(cycles >= work.vector_beats);
}

RC_GTEST_PROP(Hardware, ConservesAllThatItMoves, ()) {
    const ChipParams params = random_chip();
    const isa::Program program = random_program(params);
    RC_LOG() << describe(params) << isa::disassemble(program);
    ChipRun run(params, program, Clocking::Sleeping);
    finish(run);

    const ProgramWork work = sum(work_of(program, params));
    const LpuChip& chip = run.chip();
    const WeightStream::Stats& stream = chip.weight_stream().stats();
    RC_ASSERT(stream.payload_bytes == work.payload_bytes);
    RC_ASSERT(stream.delivered_bytes == work.stream_bytes);
    RC_ASSERT(chip.unpack_unit().stats().weights == work.weights);
    RC_ASSERT(chip.unpack_unit().stats().packed_bytes == work.packed_bytes);
    RC_ASSERT(chip.unpack_unit().stats().operand_bytes == work.unpacked_bytes);
    RC_ASSERT(chip.mac_array().stats().tiles == work.tiles);
    RC_ASSERT(chip.mac_array().stats().port_bytes == work.port_bytes);
    RC_ASSERT(chip.mac_array().stats().installed_operand_bytes == work.installed_bytes);
    // Everything installed has been unpacked or read from the cache.
    RC_ASSERT(work.installed_bytes == work.unpacked_bytes + work.kv_bytes);
    RC_ASSERT(chip.mac_array().stats().useful_macs == work.macs);
    RC_ASSERT(chip.rescaler().stats().rescales == work.rescales);
    RC_ASSERT(chip.rescaler().stats().result_bytes == work.result_bytes);
    RC_ASSERT(chip.vector_unit().stats().beats == work.vector_beats);
    RC_ASSERT(chip.sram_banks().words() == work.sram_words());
}

// Beats are atomic: the busy cycles of an engine are its work, however much it was held up, and
// belong to the operator that they were for.
RC_GTEST_PROP(Hardware, IsBusyForExactlyTheWorkOfEachOperator, ()) {
    const ChipParams params = random_chip();
    const isa::Program program = random_program(params);
    RC_LOG() << describe(params) << isa::disassemble(program);
    ChipRun run(params, program, Clocking::Sleeping);
    finish(run);

    const std::vector<ProgramWork> works = work_of(program, params);
    const auto busy_for = [&run](const char* engine, std::size_t op) {
        return run.account(engine).busy_by_operator()[op];
    };
    for (std::size_t op = 0; op < works.size(); ++op) {
        RC_ASSERT(busy_for("unpack_unit", op) == works[op].unpack_beats);
        RC_ASSERT(busy_for("mac_array.load", op) == works[op].port_beats);
        RC_ASSERT(busy_for("mac_array.compute", op) == works[op].compute_cycles);
        RC_ASSERT(busy_for("rescaler", op) == works[op].rescale_cycles);
        RC_ASSERT(busy_for("vector_unit", op) == works[op].vector_beats);
        RC_ASSERT(run.chip().weight_stream().stats().bytes_by_operator[op] ==
                  works[op].stream_bytes);
        // At most a round of words in a cycle.
        const std::uint64_t banks = params.sram_banks.banks;
        RC_ASSERT(busy_for("sram_banks.stream_write", op) * banks >= works[op].stream_words);
        RC_ASSERT(busy_for("sram_banks.unpack_read", op) * banks >= works[op].unpack_words);
        RC_ASSERT(busy_for("sram_banks.kv_read", op) * banks >= works[op].kv_words);
        RC_ASSERT(busy_for("sram_banks.activation_read", op) * banks >= works[op].activation_words);
        RC_ASSERT(busy_for("sram_banks.result_write", op) * banks >= works[op].result_words);
        RC_ASSERT(busy_for("sram_banks.vector_access", op) * banks >= works[op].vector_words);
    }
}

RC_GTEST_PROP(Hardware, GivesEveryCycleOfEveryEngineOneState, ()) {
    const ChipParams params = random_chip();
    const isa::Program program = random_program(params);
    RC_LOG() << describe(params) << isa::disassemble(program);
    ChipRun run(params, program, Clocking::Sleeping);
    const std::uint64_t cycles = run.run();
    run.settle(cycles);
    std::uint64_t retired = 0;
    for (const std::uint64_t count : run.chip().retired().cycles_by_operator()) retired += count;
    RC_ASSERT(retired <= cycles);
    for (const CycleAccount* account : run.chip().accounts()) RC_ASSERT(total(*account) == cycles);
}

/// A single operator, fed by the stream.
LinearOperator random_operator() {
    LinearOperator op;
    op.layout = grouped_layout(pick<std::uint32_t>(4, 40), pick<std::uint32_t>(2, 9),
                               pick<std::uint32_t>(2, 40), pick<std::uint32_t>(0, 5));
    op.columns = pick<std::uint32_t>(1, 30);
    op.tiles = pick(1, 80);
    op.slots = pick(1, 20);
    op.compute.vectors = chance(50) ? 1 : pick<std::uint32_t>(1, 30);
    op.compute.cycles_per_vector = chance(70) ? 1 : pick<std::uint32_t>(2, 5);
    op.compute.activation_bytes = Bytes(op.layout.rows);
    op.compute.rescales_per_vector = op.columns;
    op.compute.result_bytes = chance(50) ? Bytes(0) : Bytes(2 * op.columns);
    return op;
}

/// Nobody is ever refused (as many ports per bank as clients), and SRAM takes what the stream
/// brings. Where it does not, whole deliveries are blocked, and how much is staged when a refresh
/// begins is not monotone in their size: more bandwidth may cost the cycle that one word takes.
ChipParams random_chip_without_conflicts() {
    ChipParams chip = random_chip();
    chip.sram_banks.ports = kSramClientCount;
    chip.sram_banks.interleave_words = 1;
    const Fraction rate = chip.weight_stream.rate.ratio;
    const std::uint64_t words =
        2 * ceil_div(rate.num, rate.den * chip.sram_banks.width.count()) + 3;
    chip.sram_banks.banks = std::max(chip.sram_banks.banks, static_cast<std::uint32_t>(words));
    return chip;
}

std::uint64_t cycles_of(const ChipParams& chip, const LinearOperator& op) {
    ChipRun run(chip, program_of(op, chip), Clocking::Sleeping);
    run.run();
    RC_ASSERT(run.finished());
    return run.chip().retired().token_ends().front().count();
}

RC_GTEST_PROP(Monotone, MoreBandwidthNeverSlowsAStreamedOperator, ()) {
    ChipParams chip = random_chip_without_conflicts();
    const LinearOperator op = random_operator();
    RC_LOG() << describe(chip) << isa::disassemble(program_of(op, chip));
    const std::uint64_t before = cycles_of(chip, op);
    const Fraction rate = chip.weight_stream.rate.ratio;
    const std::uint64_t by = pick(1, 12);
    chip.weight_stream.rate = {reduced(rate.num * (10 + by), rate.den * 10)};
    RC_ASSERT(cycles_of(chip, op) <= before);
}

RC_GTEST_PROP(Monotone, LessLatencyNeverSlowsAStreamedOperator, ()) {
    ChipParams chip = random_chip_without_conflicts();
    const LinearOperator op = random_operator();
    RC_LOG() << describe(chip) << isa::disassemble(program_of(op, chip));
    const std::uint64_t before = cycles_of(chip, op);
    Cycles& latency = chance(50) ? chip.weight_stream.latency : chip.sequencer.issue_latency;
    latency = Cycles(pick(0, latency.count() + 1));
    RC_ASSERT(cycles_of(chip, op) <= before);
}

/// Cycles of the slowest stage for one tile: in whole beats, and in requests that do not reach from
/// one tile, or from one vector, into the next.
std::uint64_t slowest_stage(const ChipParams& chip, const LinearOperator& op) {
    const std::uint64_t width = chip.sram_banks.width.count();
    const std::uint64_t banks = chip.sram_banks.banks;
    const isa::ComputeTile& compute = op.compute;
    const std::uint64_t packed_words = ceil_div(op.packed_bytes(), width);
    const std::uint64_t activation_words = ceil_div(compute.activation_bytes.count(), width);
    const std::uint64_t result_words = ceil_div(compute.result_bytes.count(), width);
    const std::uint64_t result_words_per_cycle =
        std::min(ceil_div(std::uint64_t{chip.rescaler.lanes} * 2, width), banks);
    const Fraction rate = chip.weight_stream.rate.ratio;
    const std::uint64_t written_words_per_cycle =
        std::min(ceil_div(ceil_div(rate.num, rate.den), width) + 1, banks);
    const std::uint64_t per_tile =
        std::max({ceil_div(packed_words, written_words_per_cycle),
                  ceil_div(packed_words * width, chip.unpack_unit.read_bytes.count()),
                  ceil_div(packed_words, banks), ceil_div(op.weights(), chip.unpack_unit.lanes),
                  ceil_div(op.port_bytes(chip), chip.mac_array.load_bytes.count())});
    // The words of a vector are read when the array can take it, not before.
    const std::uint64_t per_vector =
        std::max({compute.cycles_per_vector - 1 +
                      std::max<std::uint64_t>(1, ceil_div(activation_words, banks)),
                  ceil_div(compute.rescales_per_vector, chip.rescaler.lanes),
                  ceil_div(result_words, result_words_per_cycle)});
    return std::max(per_tile, compute.vectors * per_vector);
}

RC_GTEST_PROP(UpperBound, ADoubleBufferedOperatorRunsAtTheRateOfItsSlowestStage, ()) {
    ChipParams chip = random_chip_without_conflicts();
    chip.mac_array.double_buffering = true;
    chip.weight_stream.outstanding = 200;
    chip.weight_stream.refresh_period = Cycles(0);
    chip.sequencer.queue_depth = 20;
    LinearOperator op = random_operator();
    op.tiles = pick(50, 200);
    op.slots = op.tiles;
    // Two tiles are between the port and the planes, so the way from one to the other must not take
    // longer than a tile.
    const std::uint64_t on_the_way =
        (chip.sram_banks.read_latency + chip.unpack_unit.depth).count() + 8;
    RC_PRE(slowest_stage(chip, op) >= on_the_way);
    RC_LOG() << describe(chip) << isa::disassemble(program_of(op, chip));
    LinearOperator one_tile = op;
    one_tile.tiles = 1;
    const std::uint64_t latency = cycles_of(chip, one_tile);
    const Cycles streamed = chip.weight_stream.rate.cycles_for(Bytes(op.tiles * op.packed_bytes()));
    const std::uint64_t bound = std::max(streamed.count(), op.tiles * slowest_stage(chip, op));
    RC_ASSERT(cycles_of(chip, op) * 100 <= bound * 102 + latency * 100);
}

}  // namespace
}  // namespace lpusim::test
