#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/compile_cases.h"

namespace lpusim {
namespace {

/// What the units would count when they execute the program.
class Walker {
public:
    Walker(const ChipParams& chip, const isa::Program& program) : chip_(chip), program_(program) {
        for (const isa::QueueProgram& queue : program.queues) {
            for_each_executed(queue, [this](const isa::Instruction& instruction) {
                std::visit([this](const auto& payload) { count(payload); }, instruction.payload);
            });
        }
    }

    const Work& work() const { return work_; }

private:
    void count(const isa::StreamTransfer& transfer) {
        stream(transfer.traffic) += transfer.payload;
        work_.stream_padding += transfer.padding;
        RC_ASSERT(transfer.payload > Bytes(0));
        RC_ASSERT(transfer.padding < chip_.weight_stream.burst);
        RC_ASSERT(transfer.total().count() % chip_.weight_stream.burst.count() == 0u);
    }
    void count(const isa::UnpackTile& tile) {
        const isa::TileLayout& layout = program_.layouts[tile.layout];
        const std::uint64_t weights = std::uint64_t{layout.rows} * tile.columns;
        work_.unpacked_weights += Weights(weights);
        work_.unpacked_operand_bytes += Bytes(weights * tile.operand_bytes);
        work_.unpack_read_bytes += layout.tile_bytes(tile.columns);
    }
    void count(const isa::KvReadTile& tile) { work_.kv_read_bytes += tile.bytes; }
    void count(const isa::InstallTile& tile) { work_.port_bytes += tile.port_bytes; }
    void count(const isa::ComputeTile& tile) {
        work_.compute_cycles += Cycles(std::uint64_t{tile.vectors} * tile.cycles_per_vector);
        work_.useful_macs += tile.vectors * tile.macs_per_vector;
        work_.rescales += tile.vectors * tile.rescales_per_vector;
    }
    void count(const isa::VectorOp& op) {
        const std::uint64_t passes = chip_.vector_unit.of(op.vector_class).passes;
        work_.vector_beats += Cycles(passes * ceil_div(op.elements, chip_.vector_unit.lanes));
    }

    Bytes& stream(isa::Traffic traffic) {
        switch (traffic) {
            case isa::Traffic::Weights:
                return work_.stream_weights;
            case isa::Traffic::KvRead:
                return work_.stream_kv_read;
            case isa::Traffic::KvWrite:
                return work_.stream_kv_write;
            case isa::Traffic::Embedding:
                return work_.stream_embedding;
            case isa::Traffic::Norms:
                break;
        }
        return work_.stream_norms;
    }

    const ChipParams& chip_;
    const isa::Program& program_;
    Work work_;
};

RC_GTEST_PROP(Conservation, TheProgramDoesTheWorkThatTheFormulasSay, ()) {
    const CompileCase it = arbitrary_case();
    RC_LOG() << describe(it) << std::endl;
    const CompiledProgram compiled = compile(it);
    const Work walked = Walker(it.chip, compiled.program).work();
    const Work& work = compiled.work;
    const auto equal = [&it](auto of_all_tokens, auto of_one) {
        return of_all_tokens == of_one * it.tokens;
    };
    RC_ASSERT(equal(walked.stream_weights, work.stream_weights));
    RC_ASSERT(equal(walked.stream_kv_read, work.stream_kv_read));
    RC_ASSERT(equal(walked.stream_kv_write, work.stream_kv_write));
    RC_ASSERT(equal(walked.stream_embedding, work.stream_embedding));
    RC_ASSERT(equal(walked.stream_norms, work.stream_norms));
    RC_ASSERT(equal(walked.stream_padding, work.stream_padding));
    RC_ASSERT(equal(walked.unpacked_weights, work.unpacked_weights));
    RC_ASSERT(equal(walked.unpacked_operand_bytes, work.unpacked_operand_bytes));
    RC_ASSERT(equal(walked.unpack_read_bytes, work.unpack_read_bytes));
    RC_ASSERT(equal(walked.kv_read_bytes, work.kv_read_bytes));
    RC_ASSERT(equal(walked.port_bytes, work.port_bytes));
    RC_ASSERT(equal(walked.compute_cycles, work.compute_cycles));
    RC_ASSERT(equal(walked.useful_macs, work.useful_macs));
    RC_ASSERT(equal(walked.rescales, work.rescales));
    RC_ASSERT(equal(walked.vector_beats, work.vector_beats));
}

// Against the model's shape alone: neither tiling nor placement adds or loses anything.
RC_GTEST_PROP(Conservation, TheWorkIsThatOfTheModel, ()) {
    CompileCase it = arbitrary_case();
    it.scenario.layers = 0;
    RC_LOG() << describe(it) << std::endl;
    const CompiledProgram compiled = compile(it);
    const Work& work = compiled.work;
    const Model& model = it.model;
    const std::uint64_t batch = it.scenario.batch;
    const std::uint64_t past = it.scenario.context - 1;
    const std::uint64_t kv_element = it.scenario.kv_bits / 8;
    const std::uint64_t position =
        std::uint64_t{2} * model.kv_heads * model.head_dim * model.layers;
    const std::uint64_t attention =
        std::uint64_t{2} * model.heads * model.head_dim * it.scenario.context * model.layers;

    const ParameterCount count = count_parameters(model);
    const std::uint64_t weights = count.linear + std::uint64_t{model.vocab} * model.hidden;
    RC_ASSERT(compiled.weights == Weights(weights));
    RC_ASSERT(work.unpacked_weights == compiled.weights);
    RC_ASSERT(work.unpack_read_bytes == compiled.weight_bytes);
    RC_ASSERT(work.useful_macs == batch * (weights + attention));
    RC_ASSERT(work.kv_read_bytes == Bytes(batch * position * (past + 1) * kv_element));
    const bool weights_streamed = it.placement == Placement::Streamed;
    RC_ASSERT(compiled.sram.weights_resident != weights_streamed);
    RC_ASSERT(work.stream_weights == (weights_streamed ? compiled.weight_bytes : Bytes(0)));
    RC_ASSERT(work.stream_norms == Bytes(weights_streamed ? 2 * (count.norms + count.biases) : 0));
    const bool cache_streamed = !compiled.sram.kv_resident;
    RC_ASSERT(work.stream_kv_read ==
              Bytes(cache_streamed ? batch * position * past * kv_element : 0));
    RC_ASSERT(work.stream_kv_write == Bytes(cache_streamed ? batch * position * kv_element : 0));
    RC_ASSERT(compiled.model_bytes ==
              compiled.weight_bytes + Bytes(2 * (count.embedding + count.norms + count.biases)));
}

}  // namespace
}  // namespace lpusim
